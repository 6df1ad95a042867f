import { mintColumns } from "../facts/tables.ts";
import type { MintFact } from "../record.ts";
import type { Asker } from "./athena.ts";

const secondsMax = 300;
/** Rows that one statement carries: about 400 bytes each, of 262,144 that Athena takes. */
const rowsAtOnce = 300;

/**
 * Mints of the ledger into the facts, and the roles that Roletrail takes on itself. What is another now is touched first:
 * the next refresh computes its sessions again.
 */
export async function recordAthena(
  asker: Asker,
  mints: readonly MintFact[],
  own: readonly { readonly role: string; readonly caller: string | null }[],
): Promise<void> {
  for (let from = 0; from < mints.length; from += rowsAtOnce)
    await enterMints(asker, mints.slice(from, from + rowsAtOnce));
  await enterOwn(asker, own);
}

async function enterMints(asker: Asker, mints: readonly MintFact[]): Promise<void> {
  const names = mintColumns.map(([name]) => name);
  const list = names.join(", ");
  const rows = mints.map((mint) => `(${mintColumns.map(([name, type]) => cast(mint[name], type)).join(", ")})`);
  const changed = `(select * from (values ${rows.join(", ")}) as arriving (${list}) except select ${list} from minted)`;
  const write = (sql: string) => asker.query({ sql, seconds: secondsMax });
  await write(`insert into touched select 'mint', mint_id from ${changed} except select kind, id from touched`);
  await write(`merge into minted t using ${changed} s on t.mint_id = s.mint_id
when matched then update set ${names.map((name) => `${name} = s.${name}`).join(", ")}
when not matched then insert (${list}) values (${names.map((name) => `s.${name}`).join(", ")})`);
}

async function enterOwn(asker: Asker, own: Parameters<typeof recordAthena>[2]): Promise<void> {
  const write = (sql: string) => asker.query({ sql, seconds: secondsMax });
  const given = own.map(({ role, caller }) => `(${cast(role, "varchar")}, ${cast(caller, "varchar")})`).join(", ");
  const arriving =
    own.length === 0
      ? "(select role, caller from own_roles where false)"
      : `(select * from (values ${given}) as a (role, caller))`;
  const changed = `((select * from ${arriving} except select role, caller from own_roles)
    union (select role, caller from own_roles except select * from ${arriving}))`;
  await write(`insert into touched select 'session', session_id from opened
where role in (select role from ${changed}) except select kind, id from touched`);
  await write(`merge into own_roles t using (
  select role, caller, not exists (select 1 from ${arriving} a where a.role = c.role and a.caller is not distinct from c.caller) as is_gone
  from ${changed} c
) s on t.role = s.role and coalesce(t.caller, '') = coalesce(s.caller, '')
when matched and s.is_gone then delete
when not matched then insert (role, caller) values (s.role, s.caller)`);
}

/** A literal of its type; times come as ISO and stand without their Z. */
function cast(value: string | null, type: string): string {
  const of = type === "timestamp" ? "timestamp(6)" : type;
  if (value === null) return `cast(null as ${of})`;
  const text = type === "timestamp" ? value.replace("T", " ").replace("Z", "") : value;
  return `cast('${text.replaceAll("'", "''")}' as ${of})`;
}
