import { sankey, sankeyLeft, sankeyLinkHorizontal } from "d3-sankey";
import { round } from "./round.ts";

export type FlowKind = "broker" | "outside" | "service";

/** One edge of the ways in: at hop `hop` (1 = the first role), from one identity to a role. */
export interface FlowEdge {
  readonly hop: number;
  readonly from: string;
  readonly to: string;
  readonly sessions: number;
  readonly kind: FlowKind;
}

export interface FlowNode {
  readonly id: string;
  readonly hop: number;
  readonly name: string;
  readonly sessions: number;
  /** One band leaves it, as thick as itself: a label may lie on it. */
  readonly whole: boolean;
  readonly ends: boolean;
  /** How many letters of its label have room before the next column or the edge. */
  readonly room: number;
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

export interface FlowLink {
  readonly id: string;
  readonly path: string;
  readonly width: number;
  readonly from: string;
  readonly to: string;
  readonly sessions: number;
  readonly kind: FlowKind;
}

export interface FlowOf {
  readonly nodes: readonly FlowNode[];
  readonly links: readonly FlowLink[];
  readonly hops: number;
  readonly width: number;
  readonly height: number;
}

const width = 980;
const headHeight = 42;
/** Room right of the last column for its labels. */
const margin = 190;
/** A label's letter at 12 px, and what its number and the space about it take. */
const letter = 6.4;
const beside = 40;
/** Nodes a column keeps by name; the rest is one node "+n others". More would collide at 12 px. */
const perColumn = 14;

interface Place {
  id: string;
  hop: number;
  name: string;
}

/**
 * Unrolls by hop (a node is an identity at a hop), so a cycle of roles is never a cycle of the drawing, which d3-sankey
 * refuses, and aggregates the tail of each column.
 */
export function flowOf(edges: readonly FlowEdge[]): FlowOf | null {
  const { places, links } = gathered(edges);
  if (links.length === 0) return null;
  const hops = Math.max(...places.map((place) => place.hop));
  const tallest = Math.max(...columnSizes(places));
  const height = Math.max(120, Math.min(620, tallest * 44)) + headHeight;
  const layout = sankey<Place, { value: number; kind: FlowKind }>()
    .nodeId((node) => node.id)
    .nodeAlign(sankeyLeft)
    .nodeWidth(6)
    .nodePadding(22)
    .extent([
      [1, headHeight],
      [width - margin, height - 8],
    ])
    .iterations(12);
  const graph = layout({
    nodes: places.map((place) => ({ ...place })),
    links: links.map((link) => ({ source: link.from, target: link.to, value: link.sessions, kind: link.kind })),
  });
  const path = sankeyLinkHorizontal<Place, { value: number; kind: FlowKind }>();
  return {
    nodes: graph.nodes.map((node) => ({
      id: node.id,
      hop: node.hop,
      name: node.name,
      sessions: node.value ?? 0,
      whole: node.sourceLinks?.length === 1 && (node.sourceLinks[0]?.value ?? 0) >= (node.value ?? 0) * 0.95,
      ends: (node.sourceLinks?.length ?? 0) === 0,
      room: Math.floor(((node.hop === hops ? margin : (width - margin) / hops) - beside) / letter),
      x0: round(node.x0 ?? 0),
      x1: round(node.x1 ?? 0),
      y0: round(node.y0 ?? 0),
      y1: round(node.y1 ?? 0),
    })),
    links: graph.links.map((link, index) => ({
      id: String(index),
      path: (path(link) ?? "").replace(/\d+\.\d+/g, (number) => String(round(Number(number)))),
      width: Math.max(1.5, round(link.width ?? 1)),
      from: nameOf(link.source),
      to: nameOf(link.target),
      sessions: link.value,
      kind: link.kind,
    })),
    hops,
    width,
    height,
  };
}

const nameOf = (end: unknown): string =>
  typeof end === "object" && end !== null && "name" in end ? String(end.name) : "";

function columnSizes(places: readonly Place[]): number[] {
  const sizes = new Map<number, number>();
  for (const { hop } of places) sizes.set(hop, (sizes.get(hop) ?? 0) + 1);
  return [...sizes.values()];
}

function gathered(edges: readonly FlowEdge[]): { places: Place[]; links: FlowEdge[] } {
  const shown = shownNames(edges);
  const places = new Map<string, Place>();
  const links = new Map<string, FlowEdge>();
  for (const edge of edges) {
    const from = placeOf(shown, edge.hop - 1, edge.from);
    const to = placeOf(shown, edge.hop, edge.to);
    places.set(from.id, from);
    places.set(to.id, to);
    const id = `${from.id}>${to.id}>${edge.kind}`;
    const before = links.get(id)?.sessions ?? 0;
    links.set(id, { ...edge, from: from.id, to: to.id, sessions: before + edge.sessions });
  }
  return { places: [...places.values()], links: [...links.values()].filter((link) => link.sessions > 0) };
}

interface Shown {
  readonly names: ReadonlyMap<number, ReadonlySet<string>>;
  readonly others: ReadonlyMap<number, number>;
}

function placeOf(shown: Shown, hop: number, name: string): Place {
  if (shown.names.get(hop)?.has(name) === true) return { id: `${hop} ${name}`, hop, name };
  return { id: `${hop}+`, hop, name: `+${shown.others.get(hop) ?? 0} others` };
}

/** The heaviest names of each column. */
function shownNames(edges: readonly FlowEdge[]): Shown {
  const weights = new Map<number, Map<string, number>>();
  const add = (hop: number, name: string, n: number): void => {
    const column = weights.get(hop) ?? new Map<string, number>();
    column.set(name, (column.get(name) ?? 0) + n);
    weights.set(hop, column);
  };
  for (const edge of edges) {
    add(edge.hop - 1, edge.from, edge.sessions);
    add(edge.hop, edge.to, edge.sessions);
  }
  const names = new Map<number, ReadonlySet<string>>();
  const others = new Map<number, number>();
  for (const [hop, column] of weights) {
    // A role that leads on is kept before a heavier one that ends there: the ways further in are what is looked for.
    const onward = new Set(edges.filter((edge) => edge.hop - 1 === hop && hop > 0).map((edge) => edge.from));
    const heaviest = [...column].sort((a, b) => Number(onward.has(b[0])) - Number(onward.has(a[0])) || b[1] - a[1]);
    names.set(hop, new Set(heaviest.slice(0, perColumn).map(([name]) => name)));
    others.set(hop, Math.max(0, heaviest.length - perColumn));
  }
  return { names, others };
}
