import type { ReactNode } from "react";
import type { MintView } from "#/core/views.ts";
import type { Rows } from "#/queries/catalogue.ts";
import { duration, roleHref, visible } from "../words.ts";
import { Card } from "./head.tsx";
import { CameIn } from "./mark.tsx";
import { originOf } from "./sessions-table.tsx";
import { Time } from "./time.tsx";

type Session = Rows["session"];

/** Under which terms it was issued: from the ledger where the broker minted it, else from the issuing call. */
export function SessionTerms({
  session,
  mint,
  named,
  now,
}: {
  session: Session;
  mint: MintView | null;
  named: (id: string) => string;
  now: Date;
}): ReactNode {
  const terms = [...ledgerTerms(session, mint), ...trailTerms(session, named)];
  return (
    <Card title="Terms">
      <div className="inner">
        <dl className="terms">
          <dt>Came in</dt>
          <dd>
            <CameIn origin={originOf(session)} />
          </dd>
          <Term name="Role">{session.role === null ? null : <RoleLink arn={session.role} />}</Term>
          {terms.map(([name, value]) => (
            <Term key={name} name={name}>
              {value}
            </Term>
          ))}
          <Term name="First call">
            {session.first_call_at === null ? null : <Time at={session.first_call_at} now={now} seconds />}
          </Term>
          <Term name="Last call">
            {session.last_call_at === null ? null : <Time at={session.last_call_at} now={now} seconds relative />}
          </Term>
        </dl>
      </div>
    </Card>
  );
}

function RoleLink({ arn }: { arn: string }): ReactNode {
  const href = roleHref(arn);
  if (href === null) return <code>{visible(arn)}</code>;
  return (
    <a className="link" href={href}>
      <code>{visible(arn)}</code>
    </a>
  );
}

function Term({ name, children }: { name: string; children: ReactNode }): ReactNode {
  if (children === null || children === "") return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function ledgerTerms(session: Session, mint: MintView | null): [string, ReactNode][] {
  if (mint === null) return [["Made by", lifetime(session.api ?? session.made_by, session.seconds)]];
  return [
    ["Road", lifetime(mint.road, mint.seconds)],
    ["Reason", mint.reason ?? "none asked"],
    ["Session policy", mint.session_policy ?? "none"],
    ["Mint", <code key="mint">{mint.mint_id}</code>],
  ];
}

const lifetime = (how: string, seconds: number | null): string =>
  seconds === null ? how : `${how}, ${duration(seconds)}`;

function trailTerms(session: Session, named: (id: string) => string): [string, ReactNode][] {
  const terms: [string, ReactNode][] = [
    ["Session name", code(session.session_name)],
    ["Access key", code(session.access_key_id)],
    ["From", listed(session.source_ips)],
    ["With", listed(session.user_agents)],
    ["Source identity", identity(session.source_identity, named)],
    ["MFA", session.mfa === null ? null : session.mfa ? "yes" : "no"],
    ["External id", code(session.external_id)],
    ["Not resolved", session.why],
  ];
  return terms.filter(([, value]) => value !== null);
}

const code = (text: string | null): ReactNode => (text === null ? null : <code>{visible(text)}</code>);

const listed = (values: readonly unknown[]): ReactNode => {
  if (values.length === 0) return null;
  const rest = values.length - 3;
  return `${values.slice(0, 3).map(String).map(visible).join(" · ")}${rest > 0 ? ` and ${rest} more` : ""}`;
};

function identity(id: string | null, named: (id: string) => string): ReactNode {
  if (id === null) return null;
  const name = named(id);
  return name === id ? (
    <code>{visible(id)}</code>
  ) : (
    <>
      {name} <code>{id}</code>
    </>
  );
}
