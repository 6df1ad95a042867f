import type { ReactNode } from "react";
import type { Rows } from "#/queries/catalogue.ts";
import type { Visit } from "../page-of.tsx";
import { question } from "../reading.ts";
import type { Window } from "../window.ts";
import { count, day, moment } from "../words.ts";
import { DaysPanel } from "./days-panel.tsx";

type Row = Rows["assumptions-over-time"];

interface OverTimeParams {
  readonly since: string;
  readonly until: string;
  readonly include_services: boolean;
  readonly account: string | null;
  readonly role: string | null;
  readonly grain: string;
}

/** Bars with their numbers as a table beneath. */
export async function OverTimeView(visit: Visit, window: Window, params: OverTimeParams) {
  const answer = await question("assumptions-over-time", params);
  const drawn: ReactNode = (
    <>
      <DaysPanel
        rows={answer.rows}
        window={window}
        now={visit.now}
        question="assumptions-over-time"
        params={{ ...params }}
        filters={{ account: params.account, role: params.role, services: params.include_services ? "1" : null }}
      />
      {answer.rows.length === 0 ? null : <Numbers rows={answer.rows} window={window} now={visit.now} />}
    </>
  );
  return { drawn, answers: [answer] };
}

function Numbers({ rows, window, now }: { rows: readonly Row[]; window: Window; now: Date }): ReactNode {
  return (
    <section className="card" aria-label="The numbers">
      <table className="table entries">
        <caption className="sr-only">Sessions over time, newest first</caption>
        <thead>
          <tr>
            <th scope="col">{window.grain === "hour" ? "Hour" : "Day"}</th>
            {heads.map((head) => (
              <th key={head} scope="col" className="n">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...rows].reverse().map((row) => (
            <tr key={row.at}>
              <td className="first">{(window.grain === "hour" ? moment : day)(row.at, now)}</td>
              <N n={row.broker} label="broker" />
              <N n={row.services} label="services" />
              <N n={row.console} label="console" />
              <N n={row.outside} label="outside" tone="text-outside" />
              <N n={row.no_record} label="never seen issued" tone="text-outside" />
              <N n={row.denied} label="denied" tone="text-denied" />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const heads = ["Broker", "Services", "Console", "Outside", "Never seen issued", "Denied"] as const;

const N = ({ n, label, tone = "" }: { n: number; label: string; tone?: string }): ReactNode => (
  <td className={`n ${n > 0 ? tone : "text-ink-3"}`} data-label={label}>
    {count(n)}
  </td>
);
