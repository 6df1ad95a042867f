import type { ReactNode } from "react";
import { hrefWith, type Search } from "../search-params.ts";
import { count } from "../words.ts";

export const perPage = 50;
/** A panel answers at most 2,000 rows. */
export const pagesMax = 39;

export function pageNumber(search: Search): number {
  const page = Number(search.get("page") ?? "1");
  return Number.isInteger(page) && page >= 1 && page <= pagesMax ? page : 1;
}

/** The rows of one page, and whether there are more: lists ask for one row more than they show. */
export function slice<Row>(
  rows: readonly Row[],
  page: number,
  size = perPage,
): { shown: readonly Row[]; more: boolean } {
  return { shown: rows.slice((page - 1) * size, page * size), more: rows.length > page * size };
}

export const rowsFor = (page: number, size = perPage): number => Math.min(2000, page * size + 1);

/** The page before and the next, and what of the answer is on show. */
export function Pager({
  path,
  search,
  page,
  shown,
  more,
  total = null,
  size = perPage,
}: {
  path: string;
  search: Search;
  page: number;
  shown: number;
  more: boolean;
  total?: number | null;
  size?: number;
}): ReactNode {
  if (page === 1 && !more) return null;
  const first = (page - 1) * size + 1;
  const of = total === null ? (more ? ", more follow" : "") : ` of ${count(total)}`;
  return (
    <nav className="pager" aria-label="Pages of the list">
      <span>
        {count(first)}–{count(first + shown - 1)}
        {of}
        {more && page >= pagesMax ? "; choose a shorter time to go on" : ""}
      </span>
      <span className="flex gap-2">
        {page > 1 ? (
          <a className="button small" href={hrefWith(path, search, { page: String(page - 1) })}>
            Previous
          </a>
        ) : null}
        {more && page < pagesMax ? (
          <a className="button small" href={hrefWith(path, search, { page: String(page + 1) })}>
            Next
          </a>
        ) : null}
      </span>
    </nav>
  );
}
