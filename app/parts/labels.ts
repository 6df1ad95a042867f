import { accountOf } from "../words.ts";
import { shown } from "./shown.ts";

/** What ids are called; where two are called the same, the account tells them apart. */
export function labelsOf(
  ids: readonly string[],
  names: (id: string) => string,
  accounts: readonly { readonly id: string; readonly name: string }[],
): (id: string) => string {
  const called = new Map<string, Set<string>>();
  for (const id of ids) called.set(shown(id, names), (called.get(shown(id, names)) ?? new Set()).add(id));
  return (id) => {
    const label = shown(id, names);
    const account = accountOf(id);
    if ((called.get(label)?.size ?? 0) < 2 || account === null) return label;
    return `${label} · ${accounts.find((one) => one.id === account)?.name ?? account}`;
  };
}
