/** Where a statement stands in its document, lines and columns from 1, as the policy simulator reports it. */
export function statementSpan(document: string, index: number): { start: Position; end: Position } {
  const [from = 0, to = 0] = offsets(document)[index] ?? [];
  return { start: positionAt(document, from), end: positionAt(document, to) };
}

type Position = Readonly<Record<"Line" | "Column", number>>;

function positionAt(document: string, offset: number): Position {
  const lines = document.slice(0, offset).split("\n");
  return { Line: lines.length, Column: (lines.at(-1)?.length ?? 0) + 1 };
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;

/**
 * Start and end of every object that is a statement: directly in the document, or in its one array of objects. A policy
 * has no other object at depth 2, or at depth 3 inside an array.
 */
function offsets(document: string): [number, number][] {
  const open: { at: number; array: boolean }[] = [];
  const found: [number, number][] = [];
  for (const { 0: text, index } of document.matchAll(token)) {
    if (text === "{" || text === "[") open.push({ at: index, array: text === "[" });
    if (text !== "}" && text !== "]") continue;
    const closed = open.pop();
    const inDocument = open.length === 1;
    const inList = open.length === 2 && open[1]?.array === true;
    if (closed !== undefined && !closed.array && (inDocument || inList)) found.push([closed.at, index + 1]);
  }
  return found;
}
