import type { ReactNode } from "react";
import { type Cell, cellWords } from "../drawings/cell.ts";
import { Life } from "../drawings/life.tsx";
import type { Visit } from "../page-of.tsx";
import { question } from "../reading.ts";
import { hrefOf } from "../search-params.ts";
import type { Window } from "../window.ts";
import { callerName, counted, roleName, sessionHref } from "../words.ts";
import { revocationsSeen } from "./cutoffs.ts";
import { Card } from "./head.tsx";
import { livesOf } from "./lives.ts";
import { lifeOfRow, type SessionRow, type SessionsOf } from "./sessions-table.tsx";
import { shown } from "./shown.ts";
import { Time } from "./time.tsx";

const sessionsMax = 6;

/** The chosen cell's newest sessions with their lives. */
export async function Inspector({
  visit,
  window,
  chosen,
  cell,
  named,
}: {
  visit: Visit;
  window: Window;
  chosen: { readonly caller: string; readonly role: string };
  cell: Cell;
  named: (id: string) => string;
}) {
  const params = { since: window.since, until: window.until, who: chosen.caller, role: chosen.role };
  const [answer, revocations] = await Promise.all([
    question("sessions", { ...params, newest: sessionsMax }),
    revocationsSeen(),
  ]);
  const of = { lives: await livesOf(answer.rows.map(({ session_id }) => session_id)), revocations };
  const drawn: ReactNode = (
    <Card title={`${shown(chosen.caller, named)} → ${roleName(chosen.role)}`} aside={cellWords(cell)} id="inspector">
      <div className="inner">
        <ul className="list">
          {answer.rows.map((row) => (
            <Session key={row.session_id} row={row} of={of} now={visit.now} />
          ))}
        </ul>
        {answer.rows.length === 0 ? <p className="text-ink-2">No session came of it.</p> : null}
        <p className="flex flex-wrap justify-between gap-x-4 gap-y-1 border-line border-t pt-2.5 text-table">
          {cell.succeeded > 0 ? (
            <a className="link" href={hrefOf("/sessions", { ...params, services: "1" })}>
              {cell.succeeded > sessionsMax ? `All ${counted(cell.succeeded, "session")}` : "In the list of sessions"}
            </a>
          ) : null}
          {cell.failed > 0 ? (
            <a
              className="link"
              href={hrefOf("/trail/denied-assumptions", {
                since: window.since,
                until: window.until,
                role: chosen.role,
              })}
            >
              {cell.succeeded > 0 ? "also " : ""}
              {counted(cell.failed, "refusal")}
            </a>
          ) : null}
        </p>
      </div>
    </Card>
  );
  return { drawn, answer };
}

function Session({
  row,
  of,
  now,
}: {
  row: SessionRow;
  of: Pick<SessionsOf, "lives" | "revocations">;
  now: Date;
}): ReactNode {
  const at = row.issued_at ?? row.first_call_at;
  return (
    <li>
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline justify-between gap-3">
          <a className="hover:underline" href={sessionHref(row.session_id)}>
            {at === null ? "no time known" : <Time at={at} now={now} />}
          </a>
          <span className="hint truncate">
            {row.hops > 1 ? `through ${callerName(row.caller)}` : counted(row.calls, "call")}
          </span>
        </div>
        <Life of={lifeOfRow(row, of)} now={now} />
      </div>
    </li>
  );
}
