import type { ReactNode } from "react";
import type { RevocationLine } from "#/core/views.ts";
import type { Rows } from "#/queries/catalogue.ts";
import { lifeBar, type Tick } from "../drawings/life.tsx";
import { cutoffOf } from "./cutoffs.ts";
import { isOrigin, type Origin } from "./mark.tsx";
import { type SessionLine, SessionLines } from "./session-lines.tsx";
import { shown } from "./shown.ts";

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
  const lines = of.rows.map((row) => lineOf(row, of));
  return <SessionLines lines={lines} caption={caption} withRole={withRole} now={of.now} />;
}

function lineOf(row: SessionRow, of: SessionsOf): SessionLine {
  return {
    id: row.session_id,
    issued: row.issued_at,
    first: row.first_call_at,
    who: row.person_id === null ? shown(row.root_caller, of.names) : of.names(row.person_id),
    caller: row.root_caller,
    // Through which caller where that is another than who stands behind it.
    through: row.hops > 1 ? shown(row.caller, of.names) : null,
    role: row.role,
    where: row.account === null ? null : (of.accounts.get(row.account) ?? row.account),
    made: row.made_by,
    origin: originOf(row),
    bar: lifeBar(lifeOfRow(row, of), of.now),
    calls: row.calls,
    denied: row.denied_calls,
  };
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
