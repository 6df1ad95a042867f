"use client";

import { type ReactNode, useState } from "react";
import { csvOf } from "#/core/csv.ts";
import type { Answer } from "#/core/wire.ts";
import { count, counted, visible } from "../words.ts";
import { Card, Empty } from "./head.tsx";
import { Standing } from "./standing.tsx";

/** Rows drawn at once; the rest are a click away, and in the CSV. */
const rowsDrawn = 500;

/** "$0.0049": what AWS charges is often less than a cent. */
export const dollars = (amount: number): string => `$${amount < 0.01 ? amount.toFixed(4) : amount.toFixed(2)}`;

export function SqlResult({ answer, now }: { answer: Answer; now: Date }): ReactNode {
  const [all, setAll] = useState(false);
  const { columns, rows } = answer;
  const drawn = all ? rows : rows.slice(0, rowsDrawn);
  const left = rows.length - drawn.length;
  return (
    <Card
      title={counted(rows.length, "row")}
      aside={
        <button type="button" className="button small" onClick={() => download(answer)} disabled={rows.length === 0}>
          CSV
        </button>
      }
      footer={
        <>
          <Standing answers={[answer]} now={now} />
          {answer.query_id === null ? null : (
            <p>
              {dollars(answer.dollars)}, Athena’s query <code>{answer.query_id}</code>
            </p>
          )}
        </>
      }
    >
      <p className="sr-only" role="status">
        {counted(rows.length, "row")}
      </p>
      {rows.length === 0 ? (
        <Empty title="No row">The statement was answered whole; nothing you may see fits it.</Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls sideways is reached by the keyboard
        <section className="overflow-x-auto" tabIndex={0} aria-label="Rows, scrolls sideways">
          <Rows columns={columns} rows={drawn} />
        </section>
      )}
      {left === 0 ? null : (
        <p className="hint px-4 py-2">
          {counted(left, "row")} more.{" "}
          <button type="button" className="link" onClick={() => setAll(true)}>
            Show all {count(rows.length)}
          </button>
        </p>
      )}
    </Card>
  );
}

type Table = Pick<Answer, "columns" | "rows">;

function Rows({ columns, rows }: Table): ReactNode {
  const names = columns.map(({ name }) => name);
  const numeric = new Set(names.filter((name) => rows.every((row) => isNumber(row[name]))));
  return (
    <table className="table entries">
      <caption className="sr-only">What the statement answered</caption>
      <thead>
        <tr>
          {columns.map(({ name, type }) => (
            <th key={name} scope="col" className={numeric.has(name) ? "n" : ""} title={type.toLowerCase()}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          // Rows of a statement have no identity of their own; they are never reordered on the page.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <tr key={index}>
            {names.map((name, place) => (
              <td key={name} className={classOf(numeric.has(name), place)} data-label={place === 0 ? undefined : name}>
                {written(row[name])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const classOf = (numeric: boolean, place: number): string =>
  `${numeric ? "n" : "wrap"} ${place === 0 ? "first" : ""}`.trim();

const isNumber = (value: unknown): boolean => value === null || typeof value === "number";

/** The value, not a name for it, but nothing in it that cannot be seen; its CSV has it as it is. */
function written(value: unknown): ReactNode {
  if (value === null || value === undefined) return <span className="text-ink-3">null</span>;
  return visible(typeof value === "string" ? value : JSON.stringify(value));
}

/** Made here of the rows on the page: no address holds them, and nothing is asked again. */
function download({ columns, rows }: Answer): void {
  const text = csvOf(
    columns.map(({ name }) => name),
    rows,
  );
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = Object.assign(document.createElement("a"), { href, download: "sql.csv" });
  link.click();
  URL.revokeObjectURL(href);
}
