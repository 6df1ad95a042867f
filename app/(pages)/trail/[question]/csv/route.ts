import { csvOf } from "#/core/csv.ts";
import { newId } from "#/core/ids.ts";
import { problemOf, Refusal } from "#/core/refusal.ts";
import { ask } from "../../../../invoke.ts";
import { paramsFrom, questionNamed } from "../../../../question-of.ts";
import { searchOf } from "../../../../search-params.ts";
import { credentials } from "../../../../session.ts";

/** A question's whole answer as CSV, under the same power as its page. */
export async function GET(request: Request, { params }: { params: Promise<{ question: string }> }): Promise<Response> {
  try {
    const name = questionNamed((await params).question);
    const search = searchOf(Object.fromEntries(new URL(request.url).searchParams));
    const answer = await ask(
      "ask",
      { question: name, params: paramsFrom(name, search, null), whole: true },
      await credentials(),
    );
    return new Response(
      csvOf(
        answer.columns.map((column) => column.name),
        answer.rows,
      ),
      {
        headers: {
          "content-type": "text/csv; charset=utf-8",
          "content-disposition": `attachment; filename="${name}.csv"`,
          "cache-control": "no-store",
          "x-content-type-options": "nosniff",
        },
      },
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const problem = problemOf(error, newId("q"));
    return Response.json(problem, { status: problem.status, headers: { "content-type": "application/problem+json" } });
  }
}
