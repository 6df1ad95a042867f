import type { ReactNode } from "react";
import type { Rows } from "#/queries/catalogue.ts";
import { Spark } from "../../drawings/stacks.tsx";
import { page, type Visit } from "../../page-of.tsx";
import { DaysPanel, type Stretch } from "../../parts/days-panel.tsx";
import { RangeLinks, Services } from "../../parts/filters.tsx";
import { FlowPanel, flowTop } from "../../parts/flow-panel.tsx";
import { Head } from "../../parts/head.tsx";
import { LookFirst } from "../../parts/look-first.tsx";
import { Standing } from "../../parts/standing.tsx";
import { names, question } from "../../reading.ts";
import { hrefWith } from "../../search-params.ts";
import { type Window, windowOf } from "../../window.ts";
import { count, counted } from "../../words.ts";

export const metadata = { title: "Overview" };

export default page("/trail", async (visit) => {
  const { me, path, search, now } = visit;
  const window = windowOf(search, me.complete_up_to, now);
  const params = { since: window.since, until: window.until, account: search.get("account") ?? null };
  const flowParams = { ...params, include_services: search.get("services") === "1", top: flowTop };
  const [figures, over, first, flow] = await Promise.all([
    question("overview-figures", params),
    overTime(window, params),
    question("look-first", params),
    question("assumption-flow", flowParams),
  ]);
  const named = await names([...first.rows.map(({ who }) => who), ...flow.rows.map(({ source }) => source)]);
  return (
    <>
      <Head title="Overview">
        <RangeLinks path={path} search={search} window={window} />
      </Head>
      <Standing answers={[figures, over.answer, first, flow]} now={now} />
      <div className="body">
        <Figures row={figures.rows[0]} days={over.days} visit={visit} window={window} />
        <div className="cols main-side stretch">
          <DaysPanel rows={over.rows} window={window} now={now} question={over.question} params={over.params} />
          <LookFirst rows={first.rows} names={named} now={now} search={search} params={params} />
        </div>
        <FlowPanel
          answer={flow}
          params={flowParams}
          names={named}
          accounts={me.accounts}
          services={<Services path={path} search={search} hidden="Services" words="Services" />}
        />
      </div>
    </>
  );
});

type Day = Rows["overview-days"];

/** Days carry the sparklines too; a single day is drawn by the hour. */
async function overTime(window: Window, params: { since: string; until: string; account: string | null }) {
  if (window.grain === "hour") {
    const hourly = { ...params, grain: "hour" };
    const answer = await question("assumptions-over-time", hourly);
    const rows: readonly Stretch[] = answer.rows;
    return { answer, rows, days: [], question: "assumptions-over-time" as const, params: hourly };
  }
  const answer = await question("overview-days", params);
  const rows: readonly Stretch[] = answer.rows;
  return { answer, rows, days: answer.rows, question: "overview-days" as const, params };
}

function Figures({
  row,
  days,
  visit,
  window,
}: {
  row: Rows["overview-figures"] | undefined;
  days: readonly Day[];
  visit: Visit;
  window: Window;
}): ReactNode {
  if (row === undefined) return null;
  const to = (path: string, more: Record<string, string | null> = {}): string => hrefWith(path, visit.search, more);
  const filled = wholeDays(days, window);
  return (
    <nav className="card figures" aria-label="Figures">
      <Figure
        href={to("/sessions")}
        what="Sessions issued"
        number={row.sessions}
        more={changeWords(row)}
        spark={filled.map((day) => day?.sessions ?? 0)}
      />
      <Figure
        href={to("/trail/who-assumed-which-role")}
        what="People"
        number={row.people}
        more={row.callers === 0 ? "through the broker" : `and ${counted(row.callers, "other caller")}`}
        spark={filled.map((day) => day?.people ?? 0)}
      />
      <Figure
        href={to("/trail/who-assumed-which-role", { view: "table" })}
        what="Roles taken"
        number={row.roles}
        more={`${count(row.calls)} calls`}
        spark={filled.map((day) => day?.roles ?? 0)}
      />
      <Figure
        href={to("/trail/denied-assumptions")}
        what="Denied"
        number={row.denied}
        more={`${count(row.denied_last_day)} in the last day`}
        spark={filled.map((day) => day?.denied ?? 0)}
        tone="denied"
      />
      <Figure
        href={to("/trail/sessions-outside-the-broker")}
        what="Outside the broker"
        number={row.outside}
        more={
          row.outside === 0 ? "none" : `${counted(row.outside_keys, "caller")}, ${counted(row.outside_roles, "role")}`
        }
        spark={filled.map((day) => day?.outside ?? 0)}
        tone="outside"
      />
    </nav>
  );
}

function wholeDays(days: readonly Day[], { since, until }: Window): (Day | undefined)[] {
  const known = new Map(days.map((day) => [Date.parse(day.at), day]));
  const all: (Day | undefined)[] = [];
  for (let at = Date.parse(since); at < Date.parse(until) && days.length > 0; at += 86_400_000) all.push(known.get(at));
  return all;
}

/** "+4 %" against the window of equal length before; where the trail does not reach back over it, services. */
function changeWords({ sessions, sessions_before, service_sessions }: Rows["overview-figures"]): string {
  if (sessions_before === null || sessions_before === 0) return `and ${count(service_sessions)} by services`;
  const percent = Math.round(((sessions - sessions_before) / sessions_before) * 100);
  return `${percent > 0 ? "+" : percent < 0 ? "−" : "±"}${Math.abs(percent)} %`;
}

function Figure({
  href,
  what,
  number,
  more,
  spark,
  tone = "trail",
}: {
  href: string;
  what: string;
  number: number;
  more: string;
  spark: readonly number[];
  tone?: "trail" | "denied" | "outside";
}): ReactNode {
  const color = number === 0 || tone === "trail" ? "" : tone === "denied" ? "text-denied" : "text-outside";
  return (
    <a href={href}>
      <div className="what">{what}</div>
      <div className="number">
        <span className={color}>{count(number)}</span>
        <small>{more}</small>
      </div>
      <Spark values={spark} tone={number === 0 ? "trail" : tone} />
    </a>
  );
}
