import type { ReactNode } from "react";
import type { RevocationLine } from "#/core/views.ts";
import type { Rows } from "#/queries/catalogue.ts";
import { Life, type Tick } from "../drawings/life.tsx";
import { count, roleHref, roleName, sessionHref } from "../words.ts";
import { cutoffOf } from "./cutoffs.ts";
import { CameIn, isOrigin, type Origin } from "./mark.tsx";
import { RowKeys } from "./row-keys.tsx";
import { shown } from "./shown.ts";
import { Time } from "./time.tsx";

export type SessionRow = Rows["sessions"];

export interface SessionsOf {
  readonly rows: readonly SessionRow[];
  readonly lives: ReadonlyMap<string, readonly Tick[]>;
  readonly names: (id: string) => string;
  readonly accounts: ReadonlyMap<string, string>;
  readonly revocations: readonly RevocationLine[];
  readonly now: Date;
}

/** Sessions as rows with their lives: the same on every page that lists them. */
export function SessionsTable({
  of,
  caption,
  withRole = true,
}: {
  of: SessionsOf;
  caption: string;
  withRole?: boolean;
}): ReactNode {
  return (
    <RowKeys>
      <table className="table entries">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Issued</th>
            <th scope="col">Who</th>
            {withRole ? <th scope="col">Role</th> : null}
            <th scope="col">Came in</th>
            <th scope="col">Life</th>
            <th scope="col" className="n">
              Calls
            </th>
            <th scope="col" className="n">
              Denied
            </th>
          </tr>
        </thead>
        <tbody>
          {of.rows.map((row) => (
            <Row key={row.session_id} of={of} row={row} withRole={withRole} />
          ))}
        </tbody>
      </table>
    </RowKeys>
  );
}

function Row({ of, row, withRole }: { of: SessionsOf; row: SessionRow; withRole: boolean }): ReactNode {
  const origin = originOf(row);
  return (
    <tr>
      <td className="tight first">
        <a className="link" href={sessionHref(row.session_id)}>
          <When row={row} now={of.now} />
        </a>
      </td>
      <td className="wrap">
        <Who row={row} names={of.names} />
      </td>
      {withRole ? (
        <td className="wrap">
          <RoleCell arn={row.role} accounts={of.accounts} account={row.account} fallback={row.made_by} />
        </td>
      ) : null}
      <td className="tight">
        <CameIn origin={origin} />
      </td>
      <td className="life-cell">
        <Life of={lifeOfRow(row, of)} now={of.now} />
      </td>
      <td className="n" data-label="calls">
        {count(row.calls)}
      </td>
      <td className={`n ${row.denied_calls > 0 ? "text-denied" : ""}`} data-label="denied">
        {count(row.denied_calls)}
      </td>
    </tr>
  );
}

export const originOf = (row: { readonly way: string; readonly origin: string }): Origin =>
  isOrigin(row.way) ? row.way : isOrigin(row.origin) ? row.origin : "no-record";

export function lifeOfRow(row: SessionRow, of: Pick<SessionsOf, "lives" | "revocations">) {
  return {
    origin: originOf(row),
    issued_at: row.issued_at,
    expires_at: row.expires_at,
    first_call_at: row.first_call_at,
    last_call_at: row.last_call_at,
    ticks: of.lives.get(row.session_id) ?? [],
    calls: row.calls,
    denied: row.denied_calls,
    cutoff: cutoffOf(row, of.revocations)?.revocation.cutoff ?? null,
  };
}

function When({ row, now }: { row: SessionRow; now: Date }): ReactNode {
  const at = row.issued_at ?? row.first_call_at;
  if (at === null) return "never";
  if (row.issued_at === null)
    return (
      <>
        before <Time at={at} now={now} />
      </>
    );
  return <Time at={at} now={now} />;
}

/** The person, by name where the ledger knows them; through which caller where that is another. */
export function Who({
  row,
  names,
}: {
  row: Pick<SessionRow, "person_id" | "root_caller" | "caller" | "hops">;
  names: (id: string) => string;
}): ReactNode {
  const name = row.person_id === null ? shown(row.root_caller, names) : names(row.person_id);
  const through = row.hops > 1 ? roleName(row.caller) : null;
  return (
    <span title={row.root_caller}>
      {name}
      {through === null ? null : <span className="sub">through {through}</span>}
    </span>
  );
}

export function RoleCell({
  arn,
  accounts,
  account,
  fallback,
}: {
  arn: string | null;
  accounts: ReadonlyMap<string, string>;
  account: string | null;
  fallback: string;
}): ReactNode {
  const where = account === null ? null : (accounts.get(account) ?? account);
  if (arn === null)
    return (
      <span>
        <span className="text-ink-3">{fallback}</span>
        {where === null ? null : <span className="sub">{where}</span>}
      </span>
    );
  const href = roleHref(arn);
  return (
    <span title={arn}>
      {href === null ? roleName(arn) : <a href={href}>{roleName(arn)}</a>}
      {where === null ? null : <span className="sub">{where}</span>}
    </span>
  );
}
