import { accountOf } from "../words.ts";
import { shown } from "./shown.ts";

/** What ids are called; where two are called the same, the account tells them apart. */
export function labelsOf(
  ids: readonly string[],
  names: (id: string) => string,
  accounts: readonly { readonly id: string; readonly name: string }[],
): (id: string) => string {
  // Each id once: hundreds of steps of a flow name the same few.
  const labels = new Map([...new Set(ids)].map((id) => [id, shown(id, names)]));
  const called = new Map<string, number>();
  for (const label of labels.values()) called.set(label, (called.get(label) ?? 0) + 1);
  return (id) => {
    const label = labels.get(id) ?? shown(id, names);
    const account = accountOf(id);
    if ((called.get(label) ?? 0) < 2 || account === null) return label;
    return `${label} · ${accounts.find((one) => one.id === account)?.name ?? account}`;
  };
}
