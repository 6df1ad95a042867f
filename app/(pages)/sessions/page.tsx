import type { ReactNode } from "react";
import { page, type Visit } from "../../page-of.tsx";
import { Behind } from "../../parts/behind.tsx";
import { revocationsSeen } from "../../parts/cutoffs.ts";
import { accountChoices, Filters, Services, wayChoice } from "../../parts/filters.tsx";
import { Card, Empty, Head } from "../../parts/head.tsx";
import { livesOf } from "../../parts/lives.ts";
import { Pager, pageNumber, rowsFor, slice } from "../../parts/pager.tsx";
import { SessionsTable } from "../../parts/sessions-table.tsx";
import { Standing } from "../../parts/standing.tsx";
import { names, question } from "../../reading.ts";
import { windowOf } from "../../window.ts";

export const metadata = { title: "Sessions" };

export default page("/sessions", async (visit) => {
  const { me, path, search, now } = visit;
  const window = windowOf(search, me.complete_up_to, now);
  const page = pageNumber(search);
  const params = paramsOf(visit, window.since, window.until);
  const [answer, revocations] = await Promise.all([
    question("sessions", { ...params, newest: rowsFor(page) }),
    revocationsSeen(),
  ]);
  const { shown, more } = slice(answer.rows, page);
  const [lives, named] = await Promise.all([
    livesOf(shown.map(({ session_id }) => session_id)),
    names([...shown.map(({ person_id }) => person_id), params.who, params.person]),
  ]);
  const accounts = new Map(me.accounts.map(({ id, name }) => [id, name]));
  return (
    <>
      <Head title={search.get("mine") === "1" ? "Your sessions" : "Sessions"} />
      <Standing answers={[answer]} now={now} />
      <div className="body">
        <Filters
          path={path}
          search={search}
          choices={[...accountChoices(me), wayChoice]}
          window={window}
          now={now}
          named={named}
        />
        <Card
          title="Issued or used"
          aside={<Services path={path} search={search} hidden="Sessions of services" words="Sessions of services" />}
          footer={<Behind question="sessions" params={params} />}
        >
          {shown.length === 0 ? (
            <NoSessions />
          ) : (
            <SessionsTable of={{ rows: shown, lives, names: named, accounts, revocations, now }} caption="Sessions" />
          )}
          <Pager path={path} search={search} page={page} shown={shown.length} more={more} />
        </Card>
      </div>
    </>
  );
});

const NoSessions = (): ReactNode => (
  <Empty title="No session in this time with these filters">
    A session shows here once its issue or its first call is in the trail. Choose a longer time, or show services.
  </Empty>
);

function paramsOf({ me, search }: Visit, since: string, until: string) {
  const person = search.get("mine") === "1" ? me.person.id : (search.get("person") ?? null);
  return {
    since,
    until,
    include_services: search.get("services") === "1" || search.get("origin") === "service",
    account: search.get("account") ?? null,
    role: search.get("role") ?? null,
    caller: search.get("caller") ?? null,
    who: search.get("who") ?? null,
    origin: search.get("origin") ?? null,
    live_at: search.get("live_at") ?? null,
    person,
  };
}
