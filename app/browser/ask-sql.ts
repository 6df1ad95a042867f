import { Answer, type SqlRequest } from "#/core/wire.ts";
import { type Problem, postAsk } from "./deed.ts";

/** What hand-written SQL came to: its rows, or why it was not run. */
export type SqlCame =
  | { readonly answer: Answer; readonly problem: null }
  | { readonly answer: null; readonly problem: Problem };

/** The API has rows as `items`, beside what else the answer says. */
const Listed = Answer.omit({ rows: true }).extend({ items: Answer.shape.rows });

export async function askSql(request: SqlRequest, form: HTMLFormElement): Promise<SqlCame> {
  const outcome = await postAsk("/api/v1/sql", request, { form });
  if (!outcome.ok) return { answer: null, problem: outcome.problem };
  const listed = Listed.safeParse(outcome.body);
  if (!listed.success) return { answer: null, problem: unread };
  const { items, ...rest } = listed.data;
  return { answer: { ...rest, rows: items }, problem: null };
}

const unread: Problem = {
  status: 500,
  code: "fault",
  title: "Fault",
  detail: "The answer is not of the form this page knows; nothing of it is shown.",
};
