import type { ReactNode } from "react";
import type { RevocationLine } from "#/core/views.ts";
import type { Rows } from "#/queries/catalogue.ts";
import { Life, type Tick } from "../../../drawings/life.tsx";
import { page } from "../../../page-of.tsx";
import { Behind, csvHref } from "../../../parts/behind.tsx";
import { cutoffOf, revocationsSeen } from "../../../parts/cutoffs.ts";
import { accountChoice, Filters, RangeLinks, Services } from "../../../parts/filters.tsx";
import { Card, Empty, Head } from "../../../parts/head.tsx";
import { livesOf } from "../../../parts/lives.ts";
import { CameIn } from "../../../parts/mark.tsx";
import { Pager, pageNumber, rowsFor, slice } from "../../../parts/pager.tsx";
import { RowKeys } from "../../../parts/row-keys.tsx";
import { originOf, RoleCell } from "../../../parts/sessions-table.tsx";
import { shown as callerShown } from "../../../parts/shown.ts";
import { Standing } from "../../../parts/standing.tsx";
import { Time } from "../../../parts/time.tsx";
import { names, question } from "../../../reading.ts";
import { windowOf } from "../../../window.ts";
import { count, sessionHref } from "../../../words.ts";

export const metadata = { title: "Outside the broker" };

type OutsideRow = Rows["sessions-outside-the-broker"];

export default page("/trail/sessions-outside-the-broker", async ({ me, path, search, now }) => {
  const window = windowOf(search, me.complete_up_to, now);
  const params = {
    since: window.since,
    until: window.until,
    include_services: search.get("services") === "1",
    account: search.get("account") ?? null,
  };
  const page = pageNumber(search);
  const answer = await question("sessions-outside-the-broker", { ...params, newest: rowsFor(page) });
  const role = search.get("role");
  const { shown: paged, more } = slice(answer.rows, page);
  const shown = role === undefined ? paged : paged.filter((row) => row.role === role);
  const [lives, revocations] = await Promise.all([livesOf(shown.map((row) => row.session_id)), revocationsSeen()]);
  const named = await names(shown.map(({ root_caller }) => root_caller));
  const accounts = new Map(me.accounts.map(({ id, name }) => [id, name]));
  return (
    <>
      <Head
        title="Outside the broker"
        lede="Sessions in the trail that no mint of the ledger explains, and how we know."
      >
        <RangeLinks path={path} search={search} window={window} />
        <a
          className="button"
          href={csvHref("sessions-outside-the-broker", params)}
          download="sessions-outside-the-broker.csv"
        >
          CSV
        </a>
      </Head>
      <Standing answers={[answer]} now={now} />
      <div className="body">
        <Filters path={path} search={search} choices={[accountChoice(me)]} window={window} now={now} />
        <Card
          title="Never issued here"
          aside={<Services path={path} search={search} hidden="Sessions of services" words="Sessions of services" />}
          footer={<Behind question="sessions-outside-the-broker" params={params} table={false} />}
        >
          {shown.length === 0 ? (
            <Empty title="Every session in this time came through the broker">
              A session that the ledger does not know shows here with the call that issued it.
            </Empty>
          ) : (
            <Outside rows={shown} lives={lives} revocations={revocations} accounts={accounts} named={named} now={now} />
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

function Outside({
  rows,
  lives,
  revocations,
  accounts,
  named,
  now,
}: {
  rows: readonly OutsideRow[];
  lives: ReadonlyMap<string, readonly Tick[]>;
  revocations: readonly RevocationLine[];
  accounts: ReadonlyMap<string, string>;
  named: (id: string) => string;
  now: Date;
}): ReactNode {
  return (
    <RowKeys>
      <table className="table entries">
        <caption className="sr-only">Sessions outside the broker, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Issued or first used</th>
            <th scope="col">Who</th>
            <th scope="col">Role</th>
            <th scope="col">How we know</th>
            <th scope="col">Life</th>
            <th scope="col" className="n">
              Calls
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={row.session_id}
              row={row}
              ticks={lives.get(row.session_id) ?? []}
              cutoff={cutoffOf(row, revocations)?.revocation.cutoff ?? null}
              accounts={accounts}
              named={named}
              now={now}
            />
          ))}
        </tbody>
      </table>
    </RowKeys>
  );
}

function Row({
  row,
  ticks,
  cutoff,
  accounts,
  named,
  now,
}: {
  row: OutsideRow;
  ticks: readonly Tick[];
  cutoff: string | null;
  accounts: ReadonlyMap<string, string>;
  named: (id: string) => string;
  now: Date;
}): ReactNode {
  const at = row.issued_at ?? row.first_call_at;
  const origin = originOf(row);
  return (
    <tr>
      <td className="tight first">
        <a className="link" href={sessionHref(row.session_id)}>
          {at === null ? "never" : <Time at={at} now={now} />}
        </a>
        <span className="sub">
          <CameIn origin={origin} />
        </span>
      </td>
      <td className="wrap" title={row.root_caller}>
        {callerShown(row.root_caller, named)}
        <span className="sub">{String(row.source_ips[0] ?? row.root_kind)}</span>
      </td>
      <td className="wrap">
        <RoleCell arn={row.role} accounts={accounts} account={row.account} fallback={row.made_by} />
      </td>
      <td className="wide-cell text-ink-2">{row.why}</td>
      <td className="life-cell">
        <Life
          of={{
            origin,
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            first_call_at: row.first_call_at,
            last_call_at: row.last_call_at,
            ticks,
            calls: row.calls,
            denied: row.denied_calls,
            cutoff,
          }}
          now={now}
        />
      </td>
      <td className="n" data-label="calls">
        {count(row.calls)}
      </td>
    </tr>
  );
}
