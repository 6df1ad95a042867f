import type { ReactNode } from "react";
import { page, type Visit } from "../../../page-of.tsx";
import { AnswerTable } from "../../../parts/answer-table.tsx";
import { Behind, Csv } from "../../../parts/behind.tsx";
import { accountChoices, type Choice, Filters, Services } from "../../../parts/filters.tsx";
import { FlowPanel, flowTop } from "../../../parts/flow-panel.tsx";
import { Head } from "../../../parts/head.tsx";
import { MatrixView } from "../../../parts/matrix-view.tsx";
import { OverTimeView } from "../../../parts/over-time-view.tsx";
import { Pager, pageNumber, rowsFor, slice } from "../../../parts/pager.tsx";
import { Standing } from "../../../parts/standing.tsx";
import { names, question } from "../../../reading.ts";
import { hrefWith, type Search } from "../../../search-params.ts";
import { type Window, windowOf } from "../../../window.ts";
import { count, counted } from "../../../words.ts";

export const metadata = { title: "Who assumed which role" };

const views = [
  { view: "matrix", words: "Matrix" },
  { view: "time", words: "Over time" },
  { view: "flow", words: "Flow" },
  { view: "table", words: "Table" },
] as const;

const ways: Choice = {
  name: "way",
  label: "Came in",
  all: "any way",
  options: [
    { value: "broker", words: "through the broker" },
    { value: "outside", words: "outside the broker" },
    { value: "service", words: "as a service" },
    { value: "no-record", words: "never seen issued" },
  ],
};

const apis: Choice = {
  name: "api",
  label: "API",
  all: "AssumeRole*",
  options: ["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"].map((value) => ({ value, words: value })),
};

export default page("/trail/who-assumed-which-role", async (visit) => {
  const { me, path, search, now } = visit;
  const window = windowOf(search, me.complete_up_to, now);
  const view = views.find((one) => one.view === search.get("view"))?.view ?? "matrix";
  const account = search.get("account") ?? null;
  const [totals, { drawn, answers, csv }] = await Promise.all([
    question("assumption-totals", { since: window.since, until: window.until, account }),
    drawnBy[view](visit, window),
  ]);
  const total = totals.rows[0];
  return (
    <>
      <Head title="Who assumed which role">
        <nav className="segments" aria-label="How to see it" data-keep-place>
          {views.map(({ view: one, words }) => (
            <a
              key={one}
              href={hrefWith(path, search, { view: one === "matrix" ? null : one })}
              aria-current={one === view ? "true" : undefined}
            >
              {words}
            </a>
          ))}
        </nav>
        {csv}
      </Head>
      <Standing answers={[totals, ...answers]} now={now} />
      <div className="body">
        <Filters
          path={path}
          search={search}
          choices={[...accountChoices(me), ...(view === "matrix" ? [ways, apis] : [])]}
          window={window}
          now={now}
        />
        {total === undefined ? null : (
          <p className="standing mt-0!">
            {isNarrowed(search) ? null : (
              <span>
                <b>
                  {counted(total.callers, "caller")}, {counted(total.roles, "role")}
                </b>
                , {counted(total.succeeded, "session")}, {count(total.failed)} refused
              </span>
            )}
            <Services
              path={path}
              search={search}
              hidden={
                total.service_callers === 0
                  ? null
                  : `${counted(total.service_callers, "service caller")} with ${counted(total.service_succeeded, "session")}`
              }
              words="Service callers"
            />
          </p>
        )}
        {drawn}
      </div>
    </>
  );
});

/** By what the totals cannot be narrowed: they would stand above fewer than they count. */
const isNarrowed = (search: Search): boolean => ["way", "api", "role"].some((name) => search.has(name));

type Drawn = Promise<{
  readonly drawn: ReactNode;
  readonly answers: readonly Parameters<typeof Standing>[0]["answers"][number][];
  readonly csv: ReactNode;
}>;

const paramsOf = ({ search }: Visit, { since, until }: Window) => ({
  since,
  until,
  include_services: search.get("services") === "1" || search.get("way") === "service",
  account: search.get("account") ?? null,
  role: search.get("role") ?? null,
});

const drawnBy: Readonly<Record<(typeof views)[number]["view"], (visit: Visit, window: Window) => Drawn>> = {
  matrix: async (visit, window) => {
    const params = {
      ...paramsOf(visit, window),
      api: visit.search.get("api") ?? null,
      way: visit.search.get("way") ?? null,
    };
    const { drawn, answers } = await MatrixView(visit, window, params);
    return { drawn, answers, csv: <Csv question="assumption-matrix" params={params} /> };
  },
  time: async (visit, window) => {
    const params = { ...paramsOf(visit, window), grain: window.grain };
    const { drawn, answers } = await OverTimeView(visit, window, params);
    return { drawn, answers, csv: <Csv question="assumptions-over-time" params={params} /> };
  },
  flow: async (visit, window) => {
    const params = paramsOf(visit, window);
    const answer = await question("assumption-flow", { ...params, top: flowTop });
    const named = await names(answer.rows.map(({ source }) => source));
    const drawn = <FlowPanel answer={answer} params={params} names={named} accounts={visit.me.accounts} open />;
    return { drawn, answers: [answer], csv: <Csv question="assumption-flow" params={params} /> };
  },
  table: async (visit, window) => {
    const params = paramsOf(visit, window);
    const page = pageNumber(visit.search);
    const answer = await question("who-assumed-which-role", { ...params, top: rowsFor(page) });
    const { shown, more } = slice(answer.rows, page);
    const named = await names(shown.map(({ caller }) => caller));
    const drawn = (
      <section className="card" aria-label="Table">
        <AnswerTable name="who-assumed-which-role" rows={shown} visit={visit} names={named} />
        <Pager path={visit.path} search={visit.search} page={page} shown={shown.length} more={more} />
        <footer>
          <Behind question="who-assumed-which-role" params={params} table={false} />
        </footer>
      </section>
    );
    return { drawn, answers: [answer], csv: <Csv question="who-assumed-which-role" params={params} /> };
  },
};
