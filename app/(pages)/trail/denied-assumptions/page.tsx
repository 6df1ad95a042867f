import type { ReactNode } from "react";
import type { Rows } from "#/queries/catalogue.ts";
import { page, type Visit } from "../../../page-of.tsx";
import { Behind, Csv } from "../../../parts/behind.tsx";
import { accountChoices, Filters, Services } from "../../../parts/filters.tsx";
import { Card, Empty, Head } from "../../../parts/head.tsx";
import { Pager, pageNumber, rowsFor, slice } from "../../../parts/pager.tsx";
import { type RefusalLine, RefusalLines } from "../../../parts/refusal-lines.tsx";
import { RowKeys } from "../../../parts/row-keys.tsx";
import { shown as callerShown } from "../../../parts/shown.ts";
import { Standing } from "../../../parts/standing.tsx";
import { Time } from "../../../parts/time.tsx";
import { names, question } from "../../../reading.ts";
import { hrefWith } from "../../../search-params.ts";
import { windowOf } from "../../../window.ts";
import { accountOf, count, roleName, visible } from "../../../words.ts";

export const metadata = { title: "Denied" };

const groupsShown = 10;

export default page("/trail/denied-assumptions", async (visit) => {
  const { me, path, search, now } = visit;
  const window = windowOf(search, me.complete_up_to, now);
  const base = {
    since: window.since,
    until: window.until,
    include_services: search.get("services") === "1",
    account: search.get("account") ?? null,
  };
  const params = { ...base, role: search.get("role") ?? null, caller: search.get("caller") ?? null };
  const page = pageNumber(search);
  const [groups, list] = await Promise.all([
    question("refusals-by-role", base),
    question("denied-assumptions", { ...params, newest: rowsFor(page) }),
  ]);
  const { shown, more } = slice(list.rows, page);
  const named = await names(shown.map(({ who }) => who));
  return (
    <>
      <Head title="Denied" lede="Attempts to take a role that failed, and what AWS said.">
        <Csv question="denied-assumptions" params={params} />
      </Head>
      <Standing answers={[groups, list]} now={now} />
      <div className="body">
        <Filters path={path} search={search} choices={accountChoices(me)} window={window} now={now} />
        {groups.rows.length > 1 ? <Groups rows={groups.rows} visit={visit} params={base} /> : null}
        <Card
          title="Each refusal"
          aside={<Services path={path} search={search} hidden="Those of services" words="Those of services" />}
          footer={<Behind question="denied-assumptions" params={params} table={false} />}
        >
          {shown.length === 0 ? (
            <Empty title="Nothing was refused in this time with these filters">
              A failed AssumeRole call shows here with its reason, also where only the error’s text names the role.
            </Empty>
          ) : (
            <RefusalLines lines={shown.map((row) => lineOf(row, named))} now={now} />
          )}
          <Pager path={path} search={search} page={page} shown={shown.length} more={more} />
        </Card>
      </div>
    </>
  );
});

const own = (id: string): string => id;

const reasonWords: Readonly<Record<string, string>> = {
  "identity-policy": "identity policy",
  "trust-policy": "trust policy",
  "session-policy": "session policy",
  boundary: "permissions boundary",
  scp: "service control policy",
  rcp: "resource control policy",
  "explicit-deny": "explicit deny",
  other: "other",
};

/** Roles of one name in several accounts are told apart. */
function accountName({ me }: Visit, role: string | null): string | null {
  const account = role === null ? null : accountOf(role);
  return me.accounts.find(({ id }) => id === account)?.name ?? account;
}

function Groups({
  rows,
  visit,
  params,
}: {
  rows: readonly Rows["refusals-by-role"][];
  visit: Visit;
  params: Readonly<Record<string, string | boolean | null>>;
}): ReactNode {
  return (
    <Card
      title="By caller and role"
      aside={rows.length > groupsShown ? `${groupsShown} of ${count(rows.length)}` : undefined}
      footer={<Behind question="refusals-by-role" params={params} />}
    >
      <RowKeys>
        <table className="table entries" data-keep-place>
          <caption className="sr-only">Refusals by caller and role</caption>
          <thead>
            <tr>
              <th scope="col">Caller</th>
              <th scope="col">Role aimed at</th>
              <th scope="col">Why</th>
              <th scope="col" className="n">
                Times
              </th>
              <th scope="col">Last</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, groupsShown).map((row) => (
              <tr key={`${row.caller} ${row.role} ${row.error_code} ${row.reason_class}`}>
                <td className="first" title={row.caller}>
                  <a className="link" href={hrefWith(visit.path, visit.search, { caller: row.caller, role: row.role })}>
                    {callerShown(row.caller, own)}
                  </a>
                </td>
                <td title={row.role ?? undefined}>
                  {row.role === null ? "not named" : roleName(row.role)}
                  <span className="sub">{accountName(visit, row.role)}</span>
                </td>
                <td className="text-ink-2">
                  {row.reason_class === null ? row.error_code : (reasonWords[row.reason_class] ?? row.reason_class)}
                </td>
                <td className="n text-denied" data-label="times">
                  {count(row.times)}
                </td>
                <td className="tight">
                  <Time at={row.last_at} now={visit.now} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </RowKeys>
    </Card>
  );
}

/** AWS begins each refusal with who asked, which the line has said already. */
const said = (reason: string): string => reason.replace(/^User: \S+ is (not authorized)/, "$1");

/** Who is behind a session, and the role it acts as; any other caller by its own name. */
function lineOf(row: Rows["denied-assumptions"], named: (id: string) => string): RefusalLine {
  const caller = callerShown(row.caller, named);
  return {
    id: row.event_id,
    at: row.happened_at,
    outcome: row.outcome,
    caller: row.caller,
    session: row.caller_session_id,
    who: row.caller_session_id === null || row.who === null ? caller : callerShown(row.who, named),
    as: row.who === null ? row.caller_kind : `as ${caller}`,
    role: row.role,
    api: row.api,
    why: row.reason_class === null ? row.error_code : (reasonWords[row.reason_class] ?? row.reason_class),
    reason: row.reason,
    said: row.reason === null ? row.error_code : visible(said(row.reason)),
    from: row.source_ip === null ? null : visible(row.source_ip),
  };
}
