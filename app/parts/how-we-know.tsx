import type { ReactNode } from "react";
import type { MintView } from "#/core/views.ts";
import type { Rows } from "#/queries/catalogue.ts";
import { count, roleName, shortKey } from "../words.ts";
import { Card } from "./head.tsx";
import { joinSentence } from "./join-words.ts";

type Session = Rows["session"];
type Step = Rows["session-lineage"];

interface Link {
  readonly what: string;
  readonly how: string;
}

/** Each join with its evidence; nothing is guessed from time or address. */
export function HowWeKnow({
  session,
  lineage,
  mint,
  named,
}: {
  session: Session;
  lineage: readonly Step[];
  mint: MintView | null;
  named: (id: string) => string;
}): ReactNode {
  const links = [
    ...mintLinks(session, mint, named),
    ...lineage.map(stepLink).filter((link) => link !== null),
    callsLink(session),
  ];
  return (
    <Card title="How we know">
      <div className="inner">
        <ul className="list">
          {links.map(({ what, how }) => (
            <li key={`${what}${how}`}>
              <div className="min-w-0 overflow-wrap-anywhere">
                {what}
                <span className="sub">{how}</span>
              </div>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}

function mintLinks(session: Session, mint: MintView | null, named: (id: string) => string): Link[] {
  const links: Link[] = [];
  if (mint !== null)
    links.push({
      what: `${named(mint.person_id)} → mint`,
      how: `ledger ${mint.mint_id}, shard ${mint.ledger.shard}, entry ${count(mint.ledger.seq)}`,
    });
  if (session.mint_id !== null) links.push({ what: "Mint → session", how: matchWords(session) });
  return links;
}

const matches: Readonly<Record<string, string>> = {
  key: "the access key the mint handed out",
  tag: "the tag RoletrailMint in the issuing call",
};

function matchWords(session: Session): string {
  const key = session.access_key_id === null ? "" : `, ${shortKey(session.access_key_id)}`;
  const match = session.mint_match ?? "tag";
  return `${matches[match] ?? `the same ${match}`}${key}`;
}

function stepLink(step: Step): Link | null {
  if (step.step === 1 && step.joined_by === "root") return step.origin === "broker" ? null : rootLink(step);
  const to = step.role === null ? step.made_by : roleName(step.role);
  return { what: `Session → ${to}`, how: [joinSentence(step.joined_by), step.why].filter(Boolean).join(": ") };
}

const rootLink = (step: Step): Link => ({
  what: "Caller → session",
  how: step.event_id === null ? "no issuing record in the log" : `the issuing call itself, event ${step.event_id}`,
});

function callsLink(session: Session): Link {
  const parts = [
    session.calls_by_key > 0 ? `access key, ${count(session.calls_by_key)} of ${count(session.calls)}` : null,
    session.calls_by_principal > 0
      ? `principal and creation time, ${count(session.calls_by_principal)} of ${count(session.calls)}`
      : null,
    session.calls_ambiguous > 0 ? `${count(session.calls_ambiguous)} more fit another session as well` : null,
  ].filter((part) => part !== null);
  return { what: "Calls → session", how: parts.length === 0 ? "no call seen" : parts.join("; ") };
}
