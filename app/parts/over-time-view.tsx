import type { ReactNode } from "react";
import type { Visit } from "../page-of.tsx";
import { question } from "../reading.ts";
import type { Window } from "../window.ts";
import { count, moment } from "../words.ts";
import { DaysPanel } from "./days-panel.tsx";

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
        filters={{ account: params.account, role: params.role }}
      />
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
            {[...answer.rows].reverse().map((row) => (
              <tr key={row.at}>
                <td className="first">{moment(row.at, visit.now).replace(/ 00:00$/, "")}</td>
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
    </>
  );
  return { drawn, answers: [answer] };
}

const heads = ["Broker", "Services", "Console", "Outside", "Never seen issued", "Denied"] as const;

const N = ({ n, label, tone = "" }: { n: number; label: string; tone?: string }): ReactNode => (
  <td className={`n ${n > 0 ? tone : "text-ink-3"}`} data-label={label}>
    {count(n)}
  </td>
);
