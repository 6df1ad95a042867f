"use client";

import type { KeyboardEvent, ReactNode } from "react";

/**
 * Arrow up and down go to the first link of the row above or below, Home and End to the table's ends. Between a phone's
 * width and a desk's a table that is wider than its card scrolls inside it.
 */
export function RowKeys({ children }: { children: ReactNode }): ReactNode {
  return (
    // The keys move between links inside; the box itself takes no focus.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div className="table-scroll" onKeyDown={move}>
      {children}
    </div>
  );
}

function move(event: KeyboardEvent<HTMLElement>): void {
  const from = event.target;
  if (!(from instanceof HTMLElement) || /^(INPUT|SELECT|TEXTAREA)$/.test(from.tagName)) return;
  const row = from.closest("tr");
  if (row === null) return;
  const rows = [...(row.closest("tbody")?.rows ?? [])].filter((each) => linkOf(each) !== null);
  const place = rows.indexOf(row);
  if (place < 0) return;
  const to = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: rows.length - 1 }[event.key];
  const link = to === undefined ? null : linkOf(rows[to]);
  if (link === null) return;
  event.preventDefault();
  link.focus();
  link.scrollIntoView({ block: "nearest" });
}

const linkOf = (row: HTMLElement | undefined): HTMLElement | null => row?.querySelector("a") ?? null;
