import { withFirst } from "../facts/derived.ts";
import { isTable, type Table, tables } from "./athena-ddl.ts";

/** One fact's rows of which this run is in charge: those to be, and those that are. */
export interface Portion {
  readonly table: Table;
  /** The fact's own SELECT. */
  readonly text: string;
  /** What the SELECT reads, `name as (...)`. */
  readonly scopes: readonly string[];
  /** Which rows of the table this run is in charge of, as a condition over its columns. */
  readonly owned: string;
}

/** Columns that name a row; those that may be null are compared as empty text. */
const keys: Partial<Readonly<Record<Table, readonly string[]>>> = {
  records: ["event_id", "coalesce(recipient_account)"],
  openings: ["issuance_id"],
  uses: ["day", "identity"],
  links: ["identity", "session_id"],
  callers: ["issuance_id"],
  matches: ["mint_id"],
  opened: ["session_id"],
  lineage: ["session_id"],
  sessions: ["session_id"],
  issuances: ["issuance_id"],
  edits: ["event_id", "coalesce(recipient_account)"],
  covered: ["hour", "coalesce(account)", "coalesce(region)"],
};

/** Where a fact's new rows wait for their merge: as one statement it would have more stages than Athena allows (150). */
export const waiting = (table: Table): Table => {
  const name = `new_${table}`;
  if (!isTable(name)) throw new Error(`${table} has no place for new rows.`);
  return name;
};

/** Computes the rows anew, beside the fact. */
export function computeOf({ table, text, scopes, owned }: Portion): string {
  const names = Object.keys(tables[table]).join(", ");
  const computed = `computed as (\n${withFirst(text, [])}\n)`;
  return `insert into ${waiting(table)} (${names})
with ${[...scopes, computed].join(",\n")}
select ${names} from computed where ${owned}`;
}

/**
 * Makes the table hold exactly the new rows where this run is in charge, in one atomic statement that writes nothing
 * where nothing differs: a run made twice changes nothing the second time.
 */
export function mergeOf(portion: Pick<Portion, "table" | "owned">): string {
  const names = Object.keys(tables[portion.table]);
  return `merge into ${portion.table} t
using (${differing(portion, `${names.map((name) => `x.${name}`).join(", ")}, x.is_gone`)}) s
on ${sameKey(portion.table, "t", "s")}
when matched and s.is_gone then delete
when matched then update set ${names.map((name) => `${name} = s.${name}`).join(", ")}
when not matched then insert (${names.join(", ")}) values (${names.map((name) => `s.${name}`).join(", ")})`;
}

/** A SELECT over the rows that come, change or go; they are `x`. */
export function differing({ table, owned }: Pick<Portion, "table" | "owned">, selected: string): string {
  const names = Object.keys(tables[table]).join(", ");
  return `select ${selected} from (
  select changed.*, false as is_gone
  from (select ${names} from ${waiting(table)} except select ${names} from ${table} where ${owned}) changed
  union all
  select k.*, true from (select ${names} from ${table} where ${owned}) k
  left join ${waiting(table)} f on ${sameKey(table, "k", "f")} where f.${lastKey(table)} is null
) x`;
}

const plain = (key: string): string => key.replace(/^coalesce\((\w+)\)$/, "$1");

/** Of the key's columns one that is never null. */
const lastKey = (table: Table): string => keyOf(table)[0] ?? "";

function sameKey(table: Table, a: string, b: string): string {
  return keyOf(table)
    .map((key) =>
      key === plain(key)
        ? `${a}.${key} = ${b}.${key}`
        : `coalesce(${a}.${plain(key)}, '') = coalesce(${b}.${plain(key)}, '')`,
    )
    .join(" and ");
}

function keyOf(table: Table): readonly string[] {
  const key = keys[table];
  if (key === undefined) throw new Error(`${table} has no key to merge by.`);
  return key;
}
