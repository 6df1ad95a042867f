import type { ReactNode } from "react";
import { type DayBar, Days, DaysLegend } from "../drawings/days.tsx";
import { stackTotal } from "../drawings/stack.ts";
import type { QuestionName } from "../reading.ts";
import { hrefOf } from "../search-params.ts";
import { stretches, type Window } from "../window.ts";
import { Behind } from "./behind.tsx";
import { Card, Empty } from "./head.tsx";

export interface Stretch {
  readonly at: string;
  readonly broker: number;
  readonly services: number;
  readonly outside: number;
  readonly console: number;
  readonly no_record: number;
  readonly denied: number;
}

/** Sessions a day (or an hour), with the days without any drawn as such. */
export function DaysPanel({
  rows,
  window,
  now,
  question,
  params,
  filters = {},
}: {
  rows: readonly Stretch[];
  window: Window;
  now: Date;
  question: QuestionName;
  params: Readonly<Record<string, string | number | boolean | null>>;
  filters?: Readonly<Record<string, string | null>>;
}): ReactNode {
  const bars = barsOf(rows, window, filters);
  return (
    <Card
      title={window.grain === "hour" ? "Sessions an hour" : "Sessions a day"}
      aside={<DaysLegend />}
      footer={<Behind question={question} params={params} />}
    >
      {bars.every((bar) => stackTotal(bar) === 0) ? (
        <Empty title="No session in this time">Each session and each refusal adds to its day’s column.</Empty>
      ) : (
        <div className="inner">
          <Days bars={bars} now={now} />
        </div>
      )}
    </Card>
  );
}

function barsOf(rows: readonly Stretch[], window: Window, filters: Readonly<Record<string, string | null>>): DayBar[] {
  const step = window.grain === "hour" ? 3_600_000 : 86_400_000;
  const known = new Map(rows.map((row) => [Date.parse(row.at), row]));
  return stretches(window).map((at) => {
    const row = known.get(Date.parse(at));
    const until = `${new Date(Date.parse(at) + step).toISOString().slice(0, 19)}Z`;
    return {
      at: window.grain === "hour" ? at : at.slice(0, 10),
      broker: row?.broker ?? 0,
      service: (row?.services ?? 0) + (row?.console ?? 0),
      outside: (row?.outside ?? 0) + (row?.no_record ?? 0),
      refused: row?.denied ?? 0,
      href: hrefOf("/sessions", { since: at, until, services: "1", ...filters }),
    };
  });
}
