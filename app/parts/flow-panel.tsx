import type { ReactNode } from "react";
import type { Rows } from "#/queries/catalogue.ts";
import { Flow } from "../drawings/flow.tsx";
import type { FlowEdge, FlowKind } from "../drawings/flow-layout.ts";
import type { Answered } from "../reading.ts";
import { count } from "../words.ts";
import { Behind } from "./behind.tsx";
import { Card, Empty } from "./head.tsx";
import { labelsOf } from "./labels.ts";
import { Mark, originMark } from "./mark.tsx";
import { originOf } from "./sessions-table.tsx";

type Row = Rows["assumption-flow"];
type Params = Readonly<Record<string, string | number | boolean | null>>;

/** How many steps a flow reads; the rest would be hairlines. */
export const flowTop = 300;

/** The way in, hop by hop, with its table beneath. */
export function FlowPanel({
  answer,
  params,
  names,
  accounts,
  services,
  open = false,
}: {
  answer: Answered<"assumption-flow">;
  params: Params;
  names: (id: string) => string;
  accounts: readonly { readonly id: string; readonly name: string }[];
  services?: ReactNode;
  open?: boolean;
}): ReactNode {
  const edges = answer.rows.map(edgeOf).filter((edge) => edge !== null);
  const labels = labelsOf(
    edges.flatMap(({ from, to }) => [from, to]),
    names,
    accounts,
  );
  return (
    <Card
      title="The way in, hop by hop"
      aside={<>sessions; width is their number{services === undefined ? null : <> · {services}</>}</>}
      footer={<Behind question="assumption-flow" params={params} />}
    >
      {edges.length === 0 ? (
        <Empty title="No session in this time">Each session adds a band from who took it to its role.</Empty>
      ) : (
        <>
          <Flow edges={edges} labels={labels} />
          <details className="px-4 pb-3" open={open}>
            <summary className="hint">The numbers as a table</summary>
            <FlowTable rows={answer.rows} labels={labels} />
          </details>
        </>
      )}
    </Card>
  );
}

function edgeOf(row: Row): FlowEdge | null {
  if (row.hop < 1 || row.target === null) return null;
  return { hop: row.hop, from: row.source, to: row.target, sessions: row.sessions, kind: kindOf(row) };
}

function kindOf(row: Row): FlowKind {
  const mark = originMark(originOf({ way: row.way, origin: row.way }));
  if (mark === "broker") return "broker";
  return mark === "outside" ? "outside" : "service";
}

function FlowTable({ rows, labels }: { rows: readonly Row[]; labels: (id: string) => string }): ReactNode {
  return (
    <table className="table entries mt-1">
      <thead>
        <tr>
          <th scope="col">Hop</th>
          <th scope="col">From</th>
          <th scope="col">To</th>
          <th scope="col" className="n">
            Sessions
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, 60).map((row) => (
          <tr key={`${row.hop} ${row.source} ${row.target} ${row.way}`}>
            <td data-label="hop">{row.hop}</td>
            <td title={row.source}>
              <Mark kind={kindOf(row) === "broker" ? "broker" : kindOf(row) === "outside" ? "outside" : "service"} />{" "}
              {labels(row.source)}
            </td>
            <td title={row.target ?? ""}>{row.target === null ? "no role" : labels(row.target)}</td>
            <td className="n">{count(row.sessions)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
