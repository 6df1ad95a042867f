import type { ReactNode } from "react";
import { count, counted } from "../words.ts";
import { type FlowEdge, type FlowNode, flowOf } from "./flow-layout.ts";

const columns = ["who", "first role", "second", "third", "fourth", "fifth"];

/** The way in, hop by hop: a server-drawn Sankey whose table stands below it. */
export function Flow({ edges, labels }: { edges: readonly FlowEdge[]; labels: (id: string) => string }): ReactNode {
  const flow = flowOf(edges);
  if (flow === null) return null;
  const heads = headsOf(flow.nodes);
  return (
    // A wide drawing scrolls inside its card; focus lets the arrow keys scroll it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section className="flow-scroll" tabIndex={0} aria-label="The flow; its numbers are in the table below">
      <svg
        className="flow"
        viewBox={`0 0 ${flow.width} ${flow.height}`}
        role="img"
        aria-label={flowWords(edges, labels)}
      >
        {heads.map(({ hop, x }) => (
          <text key={hop} className="head-label" x={x} y="11">
            {columns[hop] ?? `hop ${hop}`}
          </text>
        ))}
        {flow.links.map((link) => (
          <path key={link.id} className={`link ${link.kind}`} d={link.path} strokeWidth={link.width}>
            <title>{`${labels(link.from)} → ${labels(link.to)}: ${counted(link.sessions, "session")}`}</title>
          </path>
        ))}
        {flow.nodes.map((node) => (
          <Node key={node.id} node={node} labels={labels} />
        ))}
      </svg>
    </section>
  );
}

function Node({ node, labels }: { node: FlowNode; labels: (id: string) => string }): ReactNode {
  const middle = (node.y0 + node.y1) / 2;
  // A label never lies across a band thinner than its text, nor across two of them: it moves above.
  const above = !node.ends && (!node.whole || node.y1 - node.y0 < 16);
  return (
    <g>
      <rect
        className="node"
        x={node.x0}
        y={node.y0}
        width={node.x1 - node.x0}
        height={Math.max(2, node.y1 - node.y0)}
        rx="1"
      />
      <text className={above ? "above" : ""} x={above ? node.x0 : node.x1 + 6} y={above ? node.y0 - 5 : middle + 4}>
        {clipped(labels(node.name))} <tspan>{count(node.sessions)}</tspan>
        <title>{node.name}</title>
      </text>
    </g>
  );
}

const clipped = (text: string): string => (text.length > 26 ? `${text.slice(0, 24)}…` : text);

function headsOf(nodes: readonly FlowNode[]): { hop: number; x: number }[] {
  const heads = new Map<number, number>();
  for (const node of nodes) if (!heads.has(node.hop)) heads.set(node.hop, node.x0);
  return [...heads].map(([hop, x]) => ({ hop, x }));
}

function flowWords(edges: readonly FlowEdge[], labels: (id: string) => string): string {
  const heaviest = [...edges].sort((a, b) => b.sessions - a.sessions).slice(0, 8);
  const lines = heaviest.map((edge) => `${labels(edge.from)} to ${labels(edge.to)} ${edge.sessions}`);
  return `Sessions by hop. ${lines.join(", ")}.`;
}
