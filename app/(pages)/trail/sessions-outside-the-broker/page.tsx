import type { RevocationLine } from "#/core/views.ts";
import type { Rows } from "#/queries/catalogue.ts";
import { lifeBar, type Tick } from "../../../drawings/life.tsx";
import { page } from "../../../page-of.tsx";
import { Behind, Csv } from "../../../parts/behind.tsx";
import { cutoffOf, revocationsSeen } from "../../../parts/cutoffs.ts";
import { accountChoices, Filters, Services } from "../../../parts/filters.tsx";
import { Card, Empty, Head } from "../../../parts/head.tsx";
import { livesOf } from "../../../parts/lives.ts";
import { type OutsideLine, OutsideLines } from "../../../parts/outside-lines.tsx";
import { Pager, pageNumber, rowsFor, slice } from "../../../parts/pager.tsx";
import { originOf } from "../../../parts/sessions-table.tsx";
import { shown as callerShown } from "../../../parts/shown.ts";
import { Standing } from "../../../parts/standing.tsx";
import { names, question } from "../../../reading.ts";
import { windowOf } from "../../../window.ts";
import { visible } from "../../../words.ts";

export const metadata = { title: "Outside the broker" };

type OutsideRow = Rows["sessions-outside-the-broker"];

export default page("/trail/sessions-outside-the-broker", async ({ me, path, search, now }) => {
  const window = windowOf(search, me.complete_up_to, now);
  const params = {
    since: window.since,
    until: window.until,
    include_services: search.get("services") === "1",
    account: search.get("account") ?? null,
    role: search.get("role") ?? null,
  };
  const page = pageNumber(search);
  const [answer, revocations] = await Promise.all([
    question("sessions-outside-the-broker", { ...params, newest: rowsFor(page) }),
    revocationsSeen(),
  ]);
  const { shown, more } = slice(answer.rows, page);
  const [lives, named] = await Promise.all([
    livesOf(shown.map((row) => row.session_id)),
    names(shown.map(({ root_caller }) => root_caller)),
  ]);
  const of = { lives, revocations, accounts: new Map(me.accounts.map(({ id, name }) => [id, name])), named, now };
  return (
    <>
      <Head
        title="Outside the broker"
        lede="Sessions in the trail that no mint of the ledger explains, and how we know."
      >
        <Csv question="sessions-outside-the-broker" params={params} />
      </Head>
      <Standing answers={[answer]} now={now} />
      <div className="body">
        <Filters path={path} search={search} choices={accountChoices(me)} window={window} now={now} />
        <Card
          title="Never issued here"
          aside={<Services path={path} search={search} hidden="Sessions of services" words="Sessions of services" />}
          footer={<Behind question="sessions-outside-the-broker" params={params} table={false} />}
        >
          {shown.length === 0 ? (
            <Empty title="No session outside the broker in this time with these filters">
              A session that the ledger does not know shows here with the call that issued it.
            </Empty>
          ) : (
            <OutsideLines lines={shown.map((row) => lineOf(row, of))} now={now} />
          )}
          <Pager path={path} search={search} page={page} shown={shown.length} more={more} />
        </Card>
        <p className="hint">
          Seen the other way round:{" "}
          <a className="link" href="/trail/mint-reconciliation?state=never-seen">
            mints whose session never showed in the trail
          </a>
          .
        </p>
      </div>
    </>
  );
});

interface OutsideOf {
  readonly lives: ReadonlyMap<string, readonly Tick[]>;
  readonly revocations: readonly RevocationLine[];
  readonly accounts: ReadonlyMap<string, string>;
  readonly named: (id: string) => string;
  readonly now: Date;
}

function lineOf(row: OutsideRow, { lives, revocations, accounts, named, now }: OutsideOf): OutsideLine {
  const origin = originOf(row);
  const life = {
    origin,
    issued_at: row.issued_at,
    expires_at: row.expires_at,
    first_call_at: row.first_call_at,
    last_call_at: row.last_call_at,
    ticks: lives.get(row.session_id) ?? [],
    calls: row.calls,
    denied: row.denied_calls,
    cutoff: cutoffOf(row, revocations)?.revocation.cutoff ?? null,
  };
  return {
    id: row.session_id,
    at: row.issued_at ?? row.first_call_at,
    origin,
    who: callerShown(row.root_caller, named),
    caller: row.root_caller,
    from: visible(String(row.source_ips[0] ?? row.root_kind)),
    role: row.role,
    where: row.account === null ? null : (accounts.get(row.account) ?? row.account),
    made: row.made_by,
    why: row.why,
    bar: lifeBar(life, now),
    calls: row.calls,
  };
}
