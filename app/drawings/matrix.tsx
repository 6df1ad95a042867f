"use client";

import type { ReactNode } from "react";
import { Mark, type MarkKind } from "../parts/mark.tsx";
import { hrefWith, type Search } from "../search-params.ts";
import { count } from "../words.ts";
import { type Cell, cellWords } from "./cell.ts";
import { MatrixKeys } from "./matrix-keys.tsx";

export interface MatrixCaller {
  readonly caller: string;
  readonly name: string;
  readonly kind: "broker" | "outside" | "service";
  readonly all: number;
  readonly person: boolean;
}

/** The matrix as data, for it is drawn in the browser too: the tree of its cells is not sent beside their HTML. */
export interface MatrixOf {
  readonly callers: readonly MatrixCaller[];
  readonly roles: readonly { readonly role: string; readonly label: string }[];
  /** A line a caller, a place a role. */
  readonly cells: readonly (readonly (Cell | null)[])[];
  /** The page whose URL holds the chosen cell. */
  readonly path: string;
  readonly search: Search;
  readonly chosen: { readonly caller: string; readonly role: string } | null;
}

/** Caller by role on a log scale; a cross counts refusals where none succeeded. Every cell is a link; arrows move. */
export function Matrix({ of, caption }: { of: MatrixOf; caption: string }): ReactNode {
  const top = Math.max(1, ...of.cells.flatMap((line) => line.map((cell) => cell?.succeeded ?? 0)));
  return (
    <MatrixKeys>
      <table className="matrix">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <td />
            {of.roles.map(({ role, label }) => (
              <th key={role} scope="col" title={role}>
                <span>{label}</span>
              </th>
            ))}
            <th scope="col">
              <span>all</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {of.callers.map((caller, line) => (
            <Row key={caller.caller} of={of} caller={caller} cells={of.cells[line] ?? []} top={top} />
          ))}
        </tbody>
      </table>
    </MatrixKeys>
  );
}

const kindMarks: Record<MatrixCaller["kind"], MarkKind> = { broker: "broker", outside: "outside", service: "service" };
const kindWords: Record<MatrixCaller["kind"], string> = {
  broker: "through the broker",
  outside: "outside the broker",
  service: "service",
};

function Row({
  of,
  caller,
  cells,
  top,
}: {
  of: MatrixOf;
  caller: MatrixCaller;
  cells: readonly (Cell | null)[];
  top: number;
}): ReactNode {
  return (
    <tr>
      <th scope="row" title={caller.caller}>
        <span className="flex items-center gap-2">
          <Mark kind={kindMarks[caller.kind]} label={kindWords[caller.kind]} />
          <span className="truncate">{caller.name}</span>
        </span>
      </th>
      {of.roles.map(({ role, label }, place) => (
        <td key={role}>{cellLink(of, caller, { role, label, cell: cells[place] ?? null }, top)}</td>
      ))}
      <td className="all">{count(caller.all)}</td>
    </tr>
  );
}

interface Place {
  readonly role: string;
  readonly label: string;
  readonly cell: Cell | null;
}

/** Nothing at all for an empty cell: most are, and its look is the table cell's own. */
function cellLink(of: MatrixOf, { caller, kind, name }: MatrixCaller, { role, label, cell }: Place, top: number) {
  if (cell === null || (cell.succeeded === 0 && cell.failed === 0)) return null;
  const chosen = of.chosen?.caller === caller && of.chosen.role === role;
  const refusedOnly = cell.succeeded === 0;
  return (
    <a
      className={`cell ${refusedOnly ? "refused" : kind}`}
      data-level={refusedOnly ? undefined : level(cell.succeeded, top)}
      href={hrefWith(of.path, of.search, { caller, role_cell: role })}
      aria-current={chosen ? "true" : undefined}
      aria-label={`${name} to ${label}: ${cellWords(cell)}`}
    >
      {refusedOnly ? `✕${count(cell.failed)}` : count(cell.succeeded)}
    </a>
  );
}

/** 1 to 5 on a log scale of the largest cell. */
function level(n: number, top: number): number {
  if (top <= 1) return 3;
  return 1 + Math.min(4, Math.floor((Math.log(n) / Math.log(top)) * 4.001));
}
