import type { ReactNode } from "react";
import type { Rows } from "#/queries/catalogue.ts";
import { Flow, type FlowDrawn } from "../drawings/flow.tsx";
import { type FlowEdge, type FlowKind, flowOf } from "../drawings/flow-layout.ts";
import type { Answered } from "../reading.ts";
import { Behind } from "./behind.tsx";
import { type FlowLine, FlowTable } from "./flow-table.tsx";
import { Card, Empty } from "./head.tsx";
import { labelsOf } from "./labels.ts";
import { originMark } from "./mark.tsx";
import { originOf } from "./sessions-table.tsx";

type Row = Rows["assumption-flow"];
type Params = Readonly<Record<string, string | number | boolean | null>>;

/** How many steps a flow reads; the rest would be hairlines. */
export const flowTop = 300;
const linesShown = 60;

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
  const flow = drawnFlow(edges, labels);
  return (
    <Card
      title="The way in, hop by hop"
      aside={<>sessions; width is their number{services === undefined ? null : <> · {services}</>}</>}
      footer={<Behind question="assumption-flow" params={params} />}
    >
      {flow === null ? (
        <Empty title="No session in this time">Each session adds a band from who took it to its role.</Empty>
      ) : (
        <>
          <Flow of={flow} />
          <details className="px-4 pb-3" open={open}>
            <summary className="hint">The numbers as a table</summary>
            <FlowTable lines={answer.rows.slice(0, linesShown).map((row) => lineOf(row, labels))} />
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

const lineOf = (row: Row, labels: (id: string) => string): FlowLine => ({
  hop: row.hop,
  mark: kindOf(row),
  source: row.source,
  from: labels(row.source),
  target: row.target,
  to: row.target === null ? "no role" : labels(row.target),
  way: row.way,
  sessions: row.sessions,
});

/** Null where nothing flows. */
function drawnFlow(edges: readonly FlowEdge[], labels: (id: string) => string): FlowDrawn | null {
  const flow = flowOf(edges);
  if (flow === null) return null;
  const called = flow.nodes.map(({ name }) => [name, labels(name)] as const);
  return { ...flow, words: flowWords(edges, labels), called };
}

function flowWords(edges: readonly FlowEdge[], labels: (id: string) => string): string {
  const heaviest = [...edges].sort((a, b) => b.sessions - a.sessions).slice(0, 8);
  const lines = heaviest.map((edge) => `${labels(edge.from)} to ${labels(edge.to)} ${edge.sessions}`);
  return `Sessions by hop. ${lines.join(", ")}.`;
}
