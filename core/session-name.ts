import type { AccessFile } from "./access.ts";
import type { Person } from "./person.ts";

/** Of the 64 characters AWS allows: 40 to read, a dot, the 16 of the person id. */
const readableMax = 40;

/**
 * The role session name of a person: `<readable>.<16 of the person id>`, or the 16 alone when names are opaque. Never
 * typed by anybody. Injective, because the 16 are: however alike two names are, or are cut, their sessions differ.
 */
export function sessionNameOf(person: Pick<Person, "id" | "name">, names: AccessFile["session_names"]): string {
  const own = person.id.slice("p_".length);
  const readable = names === "opaque" ? "" : readableOf(person.name);
  return readable === "" ? own : `${readable}.${own}`;
}

/** `Mara Oyelaran` → `mara.oyelaran`; letters outside ASCII lose their marks or go. */
function readableOf(name: string): string {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ".");
  return plain.replace(/^\.+/, "").slice(0, readableMax).replace(/\.+$/, "");
}
