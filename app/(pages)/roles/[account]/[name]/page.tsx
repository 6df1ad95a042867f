import type { ReactNode } from "react";
import type { PreflightCheck, RolePage } from "#/core/views.ts";
import { page, titled, type Visit } from "../../../../page-of.tsx";
import { Behind } from "../../../../parts/behind.tsx";
import { Card, Empty, Head } from "../../../../parts/head.tsx";
import { Live } from "../../../../parts/live.tsx";
import { livesOf } from "../../../../parts/lives.ts";
import { Mark, type MarkKind } from "../../../../parts/mark.tsx";
import { Mint } from "../../../../parts/mint.tsx";
import { Pager, pageNumber, rowsFor, slice } from "../../../../parts/pager.tsx";
import { RevocationsTable } from "../../../../parts/revocations-table.tsx";
import { SessionsTable } from "../../../../parts/sessions-table.tsx";
import { Standing } from "../../../../parts/standing.tsx";
import { ifAllowed, names, question, read } from "../../../../reading.ts";
import { accountOf, clock, count, roleSegment, visible } from "../../../../words.ts";

export const generateMetadata = titled(({ name = "" }) => name);

export default page("/roles/[account]/[name]", async (visit) => {
  const { params, path, now, me } = visit;
  const role = withPath(await read("role", { account: params["account"] ?? "", name: params["name"] ?? "" }), visit);
  const sessions = await sessionsOf(visit, role);
  const { answer } = sessions;
  // Nobody who sees the account's sessions is told that a role exists because they asked for it.
  const isKnown = sessions.shown.length > 0 || role.revocations.length > 0;
  return (
    <>
      <Head
        crumbs={[
          { words: "My roles", href: "/" },
          { words: role.account_name, href: `/?q=${encodeURIComponent(role.account_name)}` },
        ]}
        title={visible(role.name)}
        lede={<code>{visible(role.arn)}</code>}
      >
        {role.may_see ? (
          <a className="button" href={`/trail/role-history?role=${encodeURIComponent(role.arn)}`}>
            History
          </a>
        ) : null}
        {role.may_revoke && me.mints ? (
          <a className="button ends" href={`${path}/revoke`}>
            Revoke older sessions
          </a>
        ) : null}
      </Head>
      {answer === null ? null : <Standing answers={[answer]} now={now} />}
      <div className="body">
        {me.mints ? <MintOrNot role={role} visit={visit} isKnown={isKnown} /> : null}
        <Sessions visit={visit} role={role} sessions={sessions} />
        {role.revocations.length === 0 ? null : (
          <Card title="Revocations of this role">
            <RevocationsTable lines={role.revocations} now={now} withRole={false} />
          </Card>
        )}
      </div>
    </>
  );
});

/** A role that no access file names is known by the link's ARN: its path is in no page's address. */
function withPath(role: RolePage, { search }: Visit): RolePage {
  const given = search.get("arn");
  const isIt = given !== undefined && role.role === null && accountOf(given) === role.account;
  return isIt && roleSegment(given) === role.name ? { ...role, arn: given } : role;
}

function MintOrNot({ role, visit, isKnown }: { role: RolePage; visit: Visit; isKnown: boolean }): ReactNode {
  if (role.role === null)
    return (
      <section className="card" aria-label="Credentials">
        {isKnown ? (
          <Empty title="No grant lets you take this role">
            You see it because you may see its account’s sessions. A grant in access.yaml would let you mint.
          </Empty>
        ) : (
          <Empty title="Nothing read so far names this role">
            No grant of yours names it, no revocation does, and the trail of these 90 days holds no session of it. Its
            name may be wrong.
          </Empty>
        )}
      </section>
    );
  return (
    <Mint
      checks={<Checks role={role} now={visit.now} />}
      of={{
        arn: role.arn,
        name: role.name,
        accountName: role.account_name,
        secondsMax: role.role.seconds_max,
        reasonRequired: role.role.requires.includes("reason"),
        blocked: blockedWords(role, visit.now),
      }}
    />
  );
}

/** What stands against pressing. A check that fails does not lock the button unless it is a freeze: AWS has the last word. */
function blockedWords(role: RolePage, now: Date): string | null {
  if (role.frozen_until !== null && Date.parse(role.frozen_until) > now.getTime())
    return `Sessions were revoked; the role mints again from ${clock(role.frozen_until)} UTC. This page opens by itself then.`;
  return null;
}

const checkMarks: Record<PreflightCheck["state"], { mark: MarkKind; words: string }> = {
  "will-work": { mark: "ok", words: "will work" },
  "will-fail": { mark: "refused", words: "will fail" },
  unknown: { mark: "outside", words: "not known before" },
};

/** What was checked stands beside the button before it is pressed. */
function Checks({ role, now }: { role: RolePage; now: Date }): ReactNode {
  const frozen = role.frozen_until !== null && Date.parse(role.frozen_until) > now.getTime() ? role.frozen_until : null;
  return (
    <>
      {frozen === null ? null : <Live every={Math.ceil((Date.parse(frozen) - now.getTime()) / 1000) + 1} />}
      <ul className="list">
        {role.checks.map((check) => (
          <li key={check.check}>
            <Mark kind={checkMarks[check.state].mark} label={checkMarks[check.state].words} />
            <div className="min-w-0">
              {check.sentence}
              {check.help === null ? null : <span className="sub whitespace-pre-wrap">{check.help}</span>}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Beneath what the page is for. A role taken now and then has its newest fifty over weeks, whose calls are far apart. */
const perPage = 20;

type SessionsAnswer = Awaited<ReturnType<typeof sessionsOf>>;

async function sessionsOf({ me, now, search }: Visit, role: RolePage) {
  // Of an old log, the 90 days before its end.
  const end = Math.min(now.getTime(), Date.parse(me.complete_up_to ?? now.toISOString()));
  const since = `${new Date(end - 90 * 86_400_000).toISOString().slice(0, 13)}:00:00Z`;
  const params = { role: role.arn, since, ...(role.may_see ? {} : { person: me.person.id }) };
  const page = pageNumber(search);
  const answer = await ifAllowed(question("sessions", { ...params, newest: rowsFor(page, perPage) }));
  const { shown, more } = slice(answer?.rows ?? [], page, perPage);
  const [lives, named] = await Promise.all([
    livesOf(shown.map(({ session_id }) => session_id)),
    names(shown.map(({ person_id }) => person_id)),
  ]);
  return { params, page, answer, shown, more, lives, named };
}

function Sessions({ visit, role, sessions }: { visit: Visit; role: RolePage; sessions: SessionsAnswer }): ReactNode {
  const { shown, more, lives, named, page } = sessions;
  const calls = shown.reduce((sum, row) => sum + row.calls, 0);
  return (
    <Card
      title={role.may_see ? "The last 90 days of this role" : "Your last 90 days in this role"}
      aside={
        shown.length === 0 ? null : `${count(shown.length)}${more ? " newest" : ""} sessions, ${count(calls)} calls`
      }
      footer={<Behind question="sessions" params={sessions.params} />}
    >
      {sessions.answer === null ? (
        <Empty title="Sessions cannot be read just now">
          The trail is being read, or is not yours to see. Credentials are minted all the same.
        </Empty>
      ) : shown.length === 0 ? (
        <Empty title="No session of it in the trail">
          A session shows here once its issue or its first call is in the trail.
        </Empty>
      ) : (
        <SessionsTable
          of={{
            rows: shown,
            lives,
            names: named,
            accounts: new Map([[role.account, role.account_name]]),
            revocations: role.revocations,
            now: visit.now,
          }}
          caption="Sessions of this role"
          withRole={false}
        />
      )}
      <Pager path={visit.path} search={visit.search} page={page} shown={shown.length} more={more} size={perPage} />
    </Card>
  );
}
