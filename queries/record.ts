import type { Connection } from "./engines/duckdb.ts";
import { begin, link } from "./facts/link.ts";
import { makeTables, mintColumns } from "./facts/tables.ts";

/** Mints of the ledger, as functions hand them over. Entered again, a mint replaces its earlier self. */
export async function recordMints(connection: Connection, mints: readonly MintFact[]): Promise<void> {
  await makeTables(connection);
  if (mints.length === 0) return;
  await begin(connection);
  const names = mintColumns.map(([name]) => `"${name}": "VARCHAR"`).join(", ");
  const casts = mintColumns.map(([name, type]) => `cast(m.${name} as ${type})`).join(", ");
  const rows = JSON.stringify(mints);
  await connection.run("create or replace temp table arriving_mints as from minted limit 0");
  await connection.run(
    `insert into arriving_mints select ${casts} from (select unnest(from_json($rows, '[{${names}}]')) as m)`,
    { rows },
  );
  await connection.run("delete from minted where mint_id in (select mint_id from arriving_mints)");
  await connection.run("insert into minted from arriving_mints");
  await link(connection);
}

/**
 * Roles that Roletrail itself takes on to mint and revoke (`broker` and `revoker` of the access file), and as whom it
 * does: those sessions are the broker's own. Another caller in such a role stands outside like everybody.
 */
export async function recordOwnRoles(
  connection: Connection,
  own: readonly { readonly role: string; readonly caller: string | null }[],
): Promise<void> {
  await makeTables(connection);
  const rows = JSON.stringify(own);
  await connection.run(
    'create or replace temp table arriving_roles as select o.role, o.caller from (select unnest(from_json($rows, \'[{"role": "VARCHAR", "caller": "VARCHAR"}]\')) as o)',
    { rows },
  );
  await begin(connection);
  await connection.run(`
    create or replace temp table changed_roles as
      (from own_roles except from arriving_roles) union (from arriving_roles except from own_roles);
    delete from own_roles;
    insert into own_roles from arriving_roles;
    insert into touched_sessions select session_id from opened where role in (select role from changed_roles);`);
  await link(connection);
}

/** One row of `mints` but for what the trail tells. Times are ISO; `session_name` where the broker knows it. */
export interface MintFact {
  readonly mint_id: string;
  readonly person_id: string;
  readonly account: string;
  readonly role: string;
  readonly road: string;
  readonly outcome: "handed-over" | "refused" | "withheld" | "failed" | "unknown";
  readonly intended_at: string;
  readonly issued_at: string | null;
  readonly expires_at: string | null;
  readonly access_key_id: string | null;
  readonly session_name: string | null;
  readonly reason: string | null;
}
