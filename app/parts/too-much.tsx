import type { ReactNode } from "react";
import { hrefWith, type Search } from "../search-params.ts";
import { ranges, rangeWords } from "../window.ts";

/** More rows than a panel shows is never cut in silence. */
export function TooMuch({ path, search, csv }: { path: string; search: Search; csv: ReactNode }): ReactNode {
  return (
    <section className="card" aria-label="Too many rows">
      <div className="empty">
        <b>More than 2,000 rows answer this</b>
        <p>A shorter time or a filter makes it fit; the CSV, for who may export, has every row.</p>
        <p className="mt-3 flex flex-wrap justify-center gap-2">
          {ranges.map((range) => (
            <a key={range} className="button small" href={hrefWith(path, search, { range, since: null, until: null })}>
              {rangeWords[range]}
            </a>
          ))}
          {csv}
        </p>
      </div>
    </section>
  );
}
