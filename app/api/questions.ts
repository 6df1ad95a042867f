import "server-only";
import { csvOf } from "#/core/csv.ts";
import { Refusal } from "#/core/refusal.ts";
import type { Answer } from "#/core/wire.ts";
import { ask } from "../invoke.ts";
import type { Asking } from "./guard.ts";

/**
 * A question by URL. JSON holds at most a panel's 2,000 rows, and refuses more; CSV holds all.
 *
 * @throws Refusal as `ask` refuses · `question.params` for a parameter given twice.
 */
export async function questionRoute({ request, credentials }: Asking, question: string): Promise<unknown> {
  const { format = "json", ...params } = once(request.nextUrl.searchParams);
  if (format !== "json" && format !== "csv") {
    throw new Refusal("question.params", "A question is answered as json or csv.", {
      help: "Say format=csv, or nothing.",
    });
  }
  const answer = await ask("ask", { question, params, whole: format === "csv" }, credentials);
  return format === "csv" ? csv(answer) : listOf(answer);
}

function once(given: URLSearchParams): Record<string, string> {
  const names = [...given.keys()];
  if (new Set(names).size === names.length) return Object.fromEntries(given);
  throw new Refusal("question.params", "A parameter was given twice.", { help: "Give each parameter once." });
}

/** Many things are `{items, complete_up_to}` in this API; what else the answer says stays beside them. */
function listOf({ rows, ...rest }: Answer): object {
  return { items: rows, ...rest };
}

function csv({ question, columns, rows }: Answer): Response {
  const names = columns.map(({ name }) => name);
  return new Response(csvOf(names, rows), {
    headers: {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="${question}.csv"`,
      "cache-control": "no-store",
    },
  });
}
