import type { ReactNode } from "react";
import type { Revocation } from "#/core/wire.ts";
import { page } from "../../../page-of.tsx";
import { Card, Empty, Head } from "../../../parts/head.tsx";
import { HitsTable } from "../../../parts/hits-table.tsx";
import { Live } from "../../../parts/live.tsx";
import { livesOf } from "../../../parts/lives.ts";
import { Mark, type MarkKind } from "../../../parts/mark.tsx";
import { Policy } from "../../../parts/policy.tsx";
import { Said } from "../../../parts/problem.tsx";
import { countsWords } from "../../../parts/states.tsx";
import { Time } from "../../../parts/time.tsx";
import { read } from "../../../reading.ts";
import { distance, roleHref, roleName } from "../../../words.ts";

export const metadata = { title: "Revocation" };

export default page("/revocations/[id]", async ({ params, now, me }) => {
  const { revocation, sessions, counts } = await read("revocation", { id: params["id"] ?? "" });
  const lives = await livesOf(sessions.map(({ session_id }) => session_id));
  const href = roleHref(revocation.role);
  const settled = counts.bitten + counts.expired + counts.denied_otherwise + counts.leaked >= counts.sessions;
  const frozen = Date.parse(revocation.frozen_until) > now.getTime();
  return (
    <>
      {settled && !frozen ? null : <Live every={3} />}
      <Head
        crumbs={[{ words: "Revocations", href: "/revocations" }]}
        title={counts.sessions === 0 ? "No live session was hit" : countsWords(counts)}
        lede={
          <>
            {revocation.asked_by_name} revoked sessions of{" "}
            {href === null ? (
              roleName(revocation.role)
            ) : (
              <a className="link" href={href}>
                {roleName(revocation.role)}
              </a>
            )}{" "}
            issued before{" "}
            <b className="font-semibold text-ink">
              <Time at={revocation.cutoff} now={now} seconds /> UTC
            </b>
            : {revocation.reason}
          </>
        }
      />
      <p className="standing" role="status">
        <span>
          The role mints again {frozen ? "from" : "since"} <Time at={revocation.frozen_until} now={now} seconds /> UTC
          {frozen ? `, ${distance(revocation.frozen_until, now)}` : null}
        </span>
        {me.complete_up_to === null ? null : (
          <span>
            <b>
              Trail complete up to <Time at={me.complete_up_to} now={now} seconds /> UTC
            </b>
          </span>
        )}
      </p>
      <div className="body">
        {revocation.failure === null ? null : (
          <Said
            title="The policy could not be written"
            detail={revocation.failure}
            help="Sessions were not ended. Try again once its cause is mended."
          />
        )}
        <Card title="Whom it hit" aside="each state is made new from the trail at every look">
          {sessions.length === 0 ? (
            <Empty title="No session was live at the cutoff">
              The policy stands all the same: any older session that appears in the trail will show here.
            </Empty>
          ) : (
            <HitsTable hits={sessions} lives={lives} cutoff={revocation.cutoff} now={now} after="did" />
          )}
        </Card>
        <div className="cols main-side">
          <Card title="What was written" aside={`inline policy ${revocation.policy_name}`}>
            <div className="inner">
              <Policy text={revocation.policy} />
            </div>
          </Card>
          <Steps revocation={revocation} now={now} />
        </div>
      </div>
    </>
  );
});

/** asked → stored → read back → the role mints again. */
function Steps({ revocation, now }: { revocation: Revocation; now: Date }): ReactNode {
  const steps: readonly (readonly [string, string | null])[] = [
    ["asked", revocation.asked_at],
    ["stored in IAM", revocation.stored_at],
    ["read back", revocation.read_back_at],
    ["cutoff", revocation.cutoff],
    ["mints again", revocation.frozen_until],
  ];
  return (
    <Card title="Step by step">
      <div className="inner">
        <ul className="list">
          {steps.map(([words, at]) => (
            <li key={words}>
              <Mark
                kind={markOf(at, now)}
                label={at !== null && Date.parse(at) <= now.getTime() ? "done" : "not yet"}
              />
              <span className="flex-1">{words}</span>
              {at === null ? <span className="hint">not yet</span> : <Time at={at} now={now} seconds />}
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}

const markOf = (at: string | null, now: Date): MarkKind =>
  at !== null && Date.parse(at) <= now.getTime() ? "ok" : "plain";
