import type { ReactNode } from "react";
import type { RoleView } from "#/core/views.ts";
import { Life } from "../drawings/life.tsx";
import { page, type Visit } from "../page-of.tsx";
import { revocationsSeen } from "../parts/cutoffs.ts";
import { Card, Empty, Head } from "../parts/head.tsx";
import { livesOf } from "../parts/lives.ts";
import { RolesList } from "../parts/roles-list.tsx";
import { lifeOfRow, type SessionRow, type SessionsOf } from "../parts/sessions-table.tsx";
import { ifAllowed, question, read } from "../reading.ts";
import { counted, duration, roleName, sessionHref } from "../words.ts";

export const metadata = { title: "My roles" };

export default page("/", async (visit) => {
  const { me } = visit;
  const [{ roles, groups }, live] = await Promise.all([read("roles", {}), liveOf(visit)]);
  const accounts = new Set(roles.map(({ account }) => account)).size;
  return (
    <>
      <Head
        title="My roles"
        lede={
          <>
            {counted(roles.length, "role")} in {counted(accounts, "account")}
            <Groups groups={groups} />
          </>
        }
      />
      <div className="body">
        {me.mints ? null : <AuditOnly />}
        {/* Without an account and without a role granted there is nothing to list, nor anybody to ask for a grant. */}
        {!me.mints && roles.length === 0 ? null : (
          <div className="cols main-side">
            <section className="card" aria-label="Roles">
              {roles.length === 0 ? (
                <NoRoles groups={groups} />
              ) : (
                <RolesList roles={listed(roles, visit)} given={visit.search.get("q") ?? ""} />
              )}
            </section>
            <LiveSessions live={live} now={visit.now} />
          </div>
        )}
      </div>
    </>
  );
});

function Groups({ groups }: { groups: readonly string[] }): ReactNode {
  if (groups.length === 0) return null;
  return (
    <>
      , from {groups.length === 1 ? "group" : "groups"}{" "}
      {groups.map((group, index) => (
        <span key={group}>
          {index === 0 ? "" : index === groups.length - 1 ? " and " : ", "}
          <code>{group}</code>
        </span>
      ))}
    </>
  );
}

const listed = (roles: readonly RoleView[], { now }: Visit) =>
  roles.map((role) => ({
    arn: role.arn,
    href: `/roles/${role.account}/${encodeURIComponent(role.name)}`,
    name: role.name,
    account: role.account,
    accountName: role.account_name,
    longest: duration(role.seconds_max),
    asksFor: asksFor(role),
    description: role.description,
    frozen: role.frozen_until !== null && Date.parse(role.frozen_until) > now.getTime() ? role.frozen_until : null,
  }));

function asksFor({ requires, external_id }: RoleView): string {
  const parts = [...requires, ...(external_id ? ["external id"] : [])];
  return parts.length === 0 ? "nothing more" : parts.join(", ");
}

interface Live {
  readonly rows: readonly SessionRow[];
  readonly of: Pick<SessionsOf, "lives" | "revocations">;
}

/** The person's own sessions that live now. A trail that cannot answer hides them with its reason, not the roles. */
async function liveOf({ me, now }: Visit): Promise<Live | null> {
  const answer = await ifAllowed(
    question("sessions", { person: me.person.id, live_at: `${now.toISOString().slice(0, 19)}Z`, newest: 20 }),
  );
  if (answer === null) return null;
  const [lives, revocations] = await Promise.all([
    livesOf(answer.rows.map(({ session_id }) => session_id)),
    revocationsSeen(),
  ]);
  return { rows: answer.rows, of: { lives, revocations } };
}

function LiveSessions({ live, now }: { live: Live | null; now: Date }): ReactNode {
  if (live === null)
    return (
      <Card title="Your live sessions">
        <Empty title="Sessions cannot be read just now">
          The trail is being read, or is not yours to see. Credentials are minted all the same.
        </Empty>
      </Card>
    );
  return (
    <Card
      title="Your live sessions"
      aside={
        <a className="link" href="/sessions?mine=1">
          all of yours
        </a>
      }
    >
      {live.rows.length === 0 ? (
        <Empty title="None just now">Credentials you take show here with every call, seconds after it is made.</Empty>
      ) : (
        <div className="inner">
          <ul className="list">
            {live.rows.map((row) => (
              <LiveSession key={row.session_id} row={row} of={live.of} now={now} />
            ))}
          </ul>
          <p className="hint border-line border-t pt-2.5">Each tick is a call in the trail, ✕ a denied one.</p>
        </div>
      )}
    </Card>
  );
}

function LiveSession({ row, of, now }: { row: SessionRow; of: Live["of"]; now: Date }): ReactNode {
  const left = row.expires_at === null ? null : (Date.parse(row.expires_at) - now.getTime()) / 1000;
  return (
    <li>
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline justify-between gap-3">
          <a className="truncate hover:underline" href={sessionHref(row.session_id)}>
            {row.role === null ? row.made_by : roleName(row.role)}
          </a>
          <span className="hint whitespace-nowrap">{left === null ? "" : `${duration(left)} left`}</span>
        </div>
        <Life of={lifeOfRow(row, of)} now={now} />
      </div>
    </li>
  );
}

function NoRoles({ groups }: { groups: readonly string[] }): ReactNode {
  return (
    <Empty title="No role is granted to you yet">
      {groups.length === 0
        ? "Your sign-in carries no group that a grant names."
        : `No grant names ${groups.length === 1 ? "your group" : "your groups"}.`}{" "}
      The platform team adds grants in access.yaml; tell them which role you need.
    </Empty>
  );
}

const AuditOnly = (): ReactNode => (
  <div className="note">
    <p>
      No AWS account is connected: this is a trail to read. Minting and revoking need an account;{" "}
      <a className="link" href="/trail">
        the trail
      </a>{" "}
      works whole.
    </p>
  </div>
);
