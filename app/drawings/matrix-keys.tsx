"use client";

import type { KeyboardEvent, ReactNode } from "react";

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/** Arrow keys go to the next cell that holds something, Home and End to a row's ends. Without script, Tab does. */
export function MatrixKeys({ children }: { children: ReactNode }): ReactNode {
  return (
    // The keys move between links inside; the box itself takes no focus.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div onKeyDown={move} className="matrix-scroll">
      {children}
    </div>
  );
}

function move(event: KeyboardEvent<HTMLElement>): void {
  const from = event.target;
  if (!(from instanceof HTMLAnchorElement) || !from.classList.contains("cell")) return;
  const to = next(from, event.key);
  if (to === null) return;
  event.preventDefault();
  to.focus();
  to.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function next(from: HTMLElement, key: string): HTMLElement | null {
  const rows = [...(from.closest("tbody")?.rows ?? [])].map((row) => [...row.cells]);
  const y = rows.findIndex((row) => row.some((cell) => cell.contains(from)));
  const row = rows[y] ?? [];
  const x = row.findIndex((cell) => cell.contains(from));
  if (key === "Home") return linkOf(row.find((cell) => linkOf(cell) !== null));
  if (key === "End") return linkOf(row.findLast((cell) => linkOf(cell) !== null));
  const step = steps[key];
  return step === undefined ? null : walk(rows, y, x, step);
}

/** Along the axis to the next filled cell; where a row above or below has none in this column, its nearest one. */
function walk(
  rows: readonly (readonly HTMLElement[])[],
  y: number,
  x: number,
  [dy, dx]: readonly [number, number],
): HTMLElement | null {
  for (let ny = y + dy, nx = x + dx; rows[ny]?.[nx] !== undefined; ny += dy, nx += dx) {
    const here = linkOf(rows[ny]?.[nx]);
    if (here !== null) return here;
    if (dy !== 0) {
      const nearest = nearestIn(rows[ny] ?? [], x);
      if (nearest !== null) return nearest;
    }
  }
  return null;
}

function nearestIn(row: readonly HTMLElement[], x: number): HTMLElement | null {
  const filled = row.map((cell, place) => ({ link: linkOf(cell), away: Math.abs(place - x) }));
  const best = filled.filter(({ link }) => link !== null).sort((a, b) => a.away - b.away)[0];
  return best?.link ?? null;
}

const linkOf = (cell: HTMLElement | undefined): HTMLElement | null => cell?.querySelector("a.cell") ?? null;
