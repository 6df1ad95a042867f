import type { ReactNode } from "react";
import { Refusal } from "#/core/refusal.ts";
import type { MintView } from "#/core/views.ts";
import type { Rows } from "#/queries/catalogue.ts";
import { Life, type Tick } from "../../../drawings/life.tsx";
import { Lineage } from "../../../drawings/lineage.tsx";
import { page } from "../../../page-of.tsx";
import { Behind } from "../../../parts/behind.tsx";
import { CallsTable } from "../../../parts/calls-table.tsx";
import { cutoffOf, revocationsSeen } from "../../../parts/cutoffs.ts";
import { Card, Empty, Head } from "../../../parts/head.tsx";
import { HowWeKnow } from "../../../parts/how-we-know.tsx";
import { Live } from "../../../parts/live.tsx";
import { Pager, pageNumber, slice } from "../../../parts/pager.tsx";
import { RevokedTag } from "../../../parts/revoked-tag.tsx";
import { SessionTerms } from "../../../parts/session-terms.tsx";
import { originOf } from "../../../parts/sessions-table.tsx";
import { shown as callerShown } from "../../../parts/shown.ts";
import { Standing } from "../../../parts/standing.tsx";
import { stationsOf } from "../../../parts/stations.ts";
import { ifAllowed, names, question, read } from "../../../reading.ts";
import { clock, counted, roleHref, roleName } from "../../../words.ts";

export const metadata = { title: "Session" };

type Session = Rows["session"];
type Call = Rows["session-calls"];

export default page("/sessions/[id]", async ({ params, path, search, now, me }) => {
  const id = params["id"] ?? "";
  const [found, calls, revocations] = await Promise.all([
    question("session", { session: id }),
    question("session-calls", { session: id }),
    revocationsSeen(),
  ]);
  const session = found.rows[0];
  if (session === undefined) throw new Refusal("session.unknown", "No such session for you.");
  const lineage = await question("session-lineage", { session: session.session_id });
  const mint = await mintOf(lineage.rows[0]?.mint_id ?? session.mint_id);
  const named = await names([session.person_id, session.source_identity, ...lineage.rows.map((row) => row.person_id)]);
  const cut = cutoffOf(session, revocations);
  const who = session.person_id === null ? callerShown(session.root_caller, named) : named(session.person_id);
  const what = session.role === null ? session.made_by : roleName(session.role);
  const page = pageNumber(search);
  const { shown, more } = slice(calls.rows, page);
  const alive = session.expires_at !== null && Date.parse(session.expires_at) > now.getTime();
  return (
    <>
      {alive ? <Live every={5} /> : null}
      <Head crumbs={[{ words: "Sessions", href: "/sessions" }]} title={`${who} as ${what}`}>
        {cut === null ? null : <RevokedTag line={cut} session={session.session_id} />}
        <Ending session={session} alive={alive} cut={cut !== null} mayRevoke={mayRevoke(me, session.account)} />
      </Head>
      <div className="mt-2">
        <Lineage stations={stationsOf(lineage.rows, named, session)} />
      </div>
      <Standing answers={[found, calls, lineage]} now={now} />
      <div className="body">
        <Card title="Its life" aside={lifeAside(session, cut?.revocation.cutoff ?? null)}>
          <div className="inner">
            <Life of={lifeOf(session, calls.rows, cut?.revocation.cutoff ?? null)} now={now} size="full" />
          </div>
        </Card>
        <div className="cols main-side">
          <Card
            title="Every call"
            aside={callsAside(session, calls.rows)}
            footer={<Behind question="session-calls" params={{ session: session.session_id }} />}
          >
            {shown.length === 0 ? <NoCalls /> : <CallsTable calls={shown} cut={cut} now={now} />}
            <Pager path={path} search={search} page={page} shown={shown.length} more={more} total={calls.rows.length} />
          </Card>
          <div className="cols">
            <HowWeKnow session={session} lineage={lineage.rows} mint={mint} named={named} />
            <SessionTerms session={session} mint={session.mint_id === null ? null : mint} named={named} now={now} />
          </div>
        </div>
      </div>
    </>
  );
});

/** A session chained from a minted one has the mint of its way in. */
const mintOf = (id: string | null): Promise<MintView | null> =>
  id === null ? Promise.resolve(null) : ifAllowed(read("mint", { id }));

const NoCalls = (): ReactNode => (
  <Empty title="No call of this session is in the trail">
    Calls show seconds after delivery. Calls on data (S3 objects, Lambda invocations) never show unless the trail
    records data events.
  </Empty>
);

function lifeOf(session: Session, calls: readonly Call[], cutoff: string | null) {
  const ticks: Tick[] = calls.map((call) => ({ at: call.happened_at, denied: call.outcome === "denied", calls: 1 }));
  return {
    origin: originOf(session),
    issued_at: session.issued_at,
    expires_at: session.expires_at,
    first_call_at: session.first_call_at,
    last_call_at: session.last_call_at,
    ticks,
    calls: session.calls,
    denied: session.denied_calls,
    cutoff,
  };
}

function lifeAside(session: Session, cutoff: string | null): string {
  const parts = [
    session.issued_at === null ? "never seen issued" : `issued ${clock(session.issued_at)}`,
    session.expires_at === null
      ? "its end is not in the log"
      : `${cutoff === null ? "expires" : "would expire"} ${clock(session.expires_at)}`,
    cutoff === null ? null : `cut ${clock(cutoff)}`,
  ];
  return parts.filter((part) => part !== null).join(" · ");
}

function callsAside(session: Session, calls: readonly Call[]): string {
  const denied = calls.filter(({ outcome }) => outcome === "denied").length;
  const observed = calls.some(({ category }) => category === "Data");
  const parts = [
    counted(calls.length, "call"),
    denied === 0 ? null : `${denied} denied`,
    session.calls_ambiguous === 0 ? null : `${counted(session.calls_ambiguous, "more")} fit another session as well`,
    observed ? "data events are recorded here" : "calls on data are not observable here",
  ];
  return parts.filter((part) => part !== null).join(" · ");
}

const mayRevoke = (
  { powers }: { powers: readonly { power: string; accounts: "*" | readonly string[] }[] },
  account: string | null,
): boolean =>
  powers.some(
    ({ power, accounts }) =>
      power === "revoke" && (accounts === "*" || (account !== null && accounts.includes(account))),
  );

function Ending({
  session,
  alive,
  cut,
  mayRevoke,
}: {
  session: Session;
  alive: boolean;
  cut: boolean;
  mayRevoke: boolean;
}): ReactNode {
  const href = session.role === null ? null : (roleHref(session.role)?.split("?")[0] ?? null);
  if (!alive || cut || !mayRevoke || href === null || session.role === null) return null;
  return (
    <a className="button ends" href={`${href}/revoke`}>
      Revoke {roleName(session.role)}’s older sessions
    </a>
  );
}
