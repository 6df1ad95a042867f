import { callerName } from "../words.ts";

/** A person by name, a role by its last part, any other caller by what tells it apart. */
export function shown(id: string, names: (id: string) => string): string {
  const named = names(id);
  return named === id ? callerName(id) : named;
}
