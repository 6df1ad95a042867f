"use client";

import type { ReactNode } from "react";
import { count, counted } from "../words.ts";
import type { FlowNode, FlowOf } from "./flow-layout.ts";

const columns = ["who", "first role", "second", "third", "fourth", "fifth"];

/** A flow laid out, with what each identity is called: `called` holds every name of a node or an end of a link. */
export interface FlowDrawn extends FlowOf {
  readonly words: string;
  /** Pairs, for a name is text of the log: as a key of an object it might be one that every object has. */
  readonly called: readonly (readonly [name: string, label: string])[];
}

/**
 * The way in, hop by hop: a server-drawn Sankey whose table stands below it. Laid out by the server alone; drawn in the
 * browser too, so that its hundreds of paths are not sent as a tree beside their HTML.
 */
export function Flow({ of: flow }: { of: FlowDrawn }): ReactNode {
  const heads = headsOf(flow.nodes);
  const called = new Map(flow.called);
  const label = (name: string): string => called.get(name) ?? name;
  return (
    // A wide drawing scrolls inside its card; focus lets the arrow keys scroll it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section className="flow-scroll" tabIndex={0} aria-label="The flow; its numbers are in the table below">
      <svg className="flow" viewBox={`0 0 ${flow.width} ${flow.height}`} role="img" aria-label={flow.words}>
        {heads.map(({ hop, x }) => (
          <text key={hop} className="head-label" x={x} y="11">
            {columns[hop] ?? `hop ${hop}`}
          </text>
        ))}
        {flow.links.map((link) => (
          <path key={link.id} className={`link ${link.kind}`} d={link.path} strokeWidth={link.width}>
            <title>{`${label(link.from)} → ${label(link.to)}: ${counted(link.sessions, "session")}`}</title>
          </path>
        ))}
        {flow.nodes.map((node) => (
          <Node key={node.id} node={node} label={label(node.name)} />
        ))}
      </svg>
    </section>
  );
}

function Node({ node, label }: { node: FlowNode; label: string }): ReactNode {
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
        {clipped(label, node.room)} <tspan>{count(node.sessions)}</tspan>
        <title>{node.name}</title>
      </text>
    </g>
  );
}

/** Cut inside an isolate (words.ts), it is closed: what stands behind would turn with it. */
function clipped(text: string, room: number): string {
  if (text.length <= room) return text;
  return `${text.slice(0, room - 1)}…${text.startsWith("\u2068") ? "\u2069" : ""}`;
}

function headsOf(nodes: readonly FlowNode[]): { hop: number; x: number }[] {
  const heads = new Map<number, number>();
  for (const node of nodes) if (!heads.has(node.hop)) heads.set(node.hop, node.x0);
  return [...heads].map(([hop, x]) => ({ hop, x }));
}
