import type { ReactNode } from "react";
import { questions } from "#/queries/catalogue.ts";
import { mayExport, me, type QuestionName } from "../reading.ts";
import { hrefOf } from "../search-params.ts";

type Params = Readonly<Record<string, string | number | boolean | null | undefined>>;

const text = (params: Params): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, value === undefined || value === null ? null : String(value)]),
  );

const csvHref = (question: QuestionName, params: Params): string =>
  hrefOf(`/trail/${question}/csv`, { ...text(params), newest: null, top: null });

export const tableHref = (question: QuestionName, params: Params): string => hrefOf(`/trail/${question}`, text(params));

/** A question's whole answer; nothing for who may not export, to whom its address answers as if it were not there. */
export async function Csv({
  question,
  params,
  className = "button",
}: {
  question: QuestionName;
  params: Params;
  className?: string;
}) {
  if (!mayExport(await me())) return null;
  return (
    <a className={className} href={csvHref(question, params)} download={`${question}.csv`}>
      CSV
    </a>
  );
}

/** What is behind a drawing: its table, its CSV and its SQL. */
export function Behind({
  question,
  params,
  table = true,
}: {
  question: QuestionName;
  params: Params;
  table?: boolean;
}): ReactNode {
  return (
    <div className="behind">
      {table ? (
        <a className="link" href={tableHref(question, params)}>
          Table
        </a>
      ) : null}
      <Csv question={question} params={params} className="link" />
      <details>
        <summary>SQL</summary>
        <pre className="code mt-2">{questions[question].sql.trim()}</pre>
      </details>
    </div>
  );
}
