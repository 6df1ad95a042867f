import type { ReactNode } from "react";
import { Refusal } from "#/core/refusal.ts";
import { isQuestion, type QuestionName, questions } from "#/queries/catalogue.ts";
import { page, titled, type Visit } from "../../../page-of.tsx";
import { AnswerTable } from "../../../parts/answer-table.tsx";
import { Behind, Csv } from "../../../parts/behind.tsx";
import { accountChoices, Filters, Services } from "../../../parts/filters.tsx";
import { Head } from "../../../parts/head.tsx";
import { Pager, pageNumber, rowsFor, slice } from "../../../parts/pager.tsx";
import { Standing } from "../../../parts/standing.tsx";
import { TooMuch } from "../../../parts/too-much.tsx";
import { paramsFrom, questionNamed } from "../../../question-of.ts";
import { type Answered, names, question } from "../../../reading.ts";
import { windowOf } from "../../../window.ts";

export const generateMetadata = titled(({ question: name = "" }) =>
  isQuestion(name) ? questions[name].title : "No such question",
);

/** Every question of the catalogue has a page: its rows, its filters, its CSV and its SQL. */
export default page("/trail/[question]", async (visit) => {
  const { me, path, search, now, params } = visit;
  const name = questionNamed(params["question"] ?? "");
  const { title, asks, params: takes } = questions[name];
  const has = (param: string): boolean => takes.some((field) => field.name === param);
  const window = has("since") ? windowOf(search, me.complete_up_to, now) : null;
  const given = paramsFrom(name, search, window);
  const answer = await answered(name, given, pageNumber(search));
  return (
    <>
      <Head crumbs={[{ words: "All questions", href: "/trail/questions" }]} title={title} lede={asks}>
        <Csv question={name} params={given} />
      </Head>
      <Standing answers={[answer]} now={now} />
      <div className="body">
        <Filters
          path={path}
          search={search}
          choices={has("account") ? accountChoices(me) : []}
          typed={takes.filter(({ name: param, type }) => type === "text" && param !== "account")}
          window={window}
          now={now}
        />
        {has("include_services") ? (
          <p className="hint">
            <Services
              path={path}
              search={search}
              hidden={search.get("services") === "0" ? "Services" : null}
              words="Services"
            />
          </p>
        ) : null}
        {answer === null ? (
          <TooMuch path={path} search={search} csv={<Csv question={name} params={given} className="button small" />} />
        ) : (
          await Rows(visit, name, given, answer)
        )}
      </div>
    </>
  );
});

type Given = ReturnType<typeof paramsFrom>;

/** Null where there is more than a panel shows and the question has no way to ask for the newest only. */
async function answered(name: QuestionName, given: Given, page: number): Promise<Answered<QuestionName> | null> {
  const cap = questions[name].params.find((field) => field.name === "newest" || field.name === "top");
  const capped = cap === undefined || cap.name in given ? given : { ...given, [cap.name]: rowsFor(page) };
  try {
    return await question(name, capped);
  } catch (error) {
    if (error instanceof Refusal && error.code === "trail.too-big") return null;
    throw error;
  }
}

async function Rows(
  visit: Visit,
  name: QuestionName,
  given: Given,
  answer: Answered<QuestionName>,
): Promise<ReactNode> {
  const page = pageNumber(visit.search);
  const { shown, more } = slice(answer.rows, page);
  const named = await names(peopleIn(shown));
  return (
    <section className="card" aria-label={questions[name].title}>
      <AnswerTable name={name} rows={shown} visit={visit} names={named} />
      <Pager path={visit.path} search={visit.search} page={page} shown={shown.length} more={more} />
      <footer>
        <Behind question={name} params={given} table={false} />
      </footer>
    </section>
  );
}

const peopleIn = (rows: readonly object[]): (string | null)[] =>
  rows.flatMap((row) =>
    Object.values(row).filter((value): value is string => typeof value === "string" && value.startsWith("p_")),
  );
