import type { ReactNode } from "react";
import type { RevocationCounts } from "#/core/views.ts";
import type { RevokedSession } from "#/core/wire.ts";
import { count, serviceName } from "../words.ts";
import { Mark, type MarkKind } from "./mark.tsx";
import { Time } from "./time.tsx";

export type State = RevokedSession["state"];

/** What became of a revoked session, in one word and one sentence. */
export const stateWords: Record<State, { words: string; mark: MarkKind; means: string }> = {
  waiting: {
    words: "quiet so far",
    mark: "plain",
    means: "not observable yet: the trail is not complete past the cutoff",
  },
  bitten: { words: "bitten", mark: "ok", means: "a call after the cutoff met the explicit deny" },
  "denied-otherwise": { words: "denied otherwise", mark: "refused", means: "denied, but not by this policy" },
  quiet: { words: "quiet", mark: "plain", means: "no call since the cutoff" },
  expired: { words: "expired", mark: "plain", means: "it ended by itself" },
  leaked: { words: "leaked", mark: "outside", means: "a call was allowed more than 5 min after the cutoff" },
};

export function StateCell({ session, now }: { session: RevokedSession; now: Date }): ReactNode {
  const { words, mark, means } = stateWords[session.state];
  const { evidence } = session;
  return (
    <>
      <span
        className={`inline-flex items-center gap-1.5 ${session.state === "bitten" ? "text-ok" : session.state === "leaked" ? "text-denied font-medium" : ""}`}
      >
        <Mark kind={mark} />
        {words}
      </span>
      <span className="sub">
        {evidence === null ? (
          means
        ) : (
          <>
            {serviceName(evidence.source)} {evidence.name} at <Time at={evidence.happened_at} now={now} seconds />
          </>
        )}
      </span>
    </>
  );
}

/** "1 of 3 bitten, 2 quiet". */
export function countsWords(counts: RevocationCounts): string {
  const parts = [
    `${count(counts.bitten)} of ${count(counts.sessions)} bitten`,
    counts.denied_otherwise > 0 ? `${count(counts.denied_otherwise)} denied otherwise` : null,
    counts.quiet > 0 ? `${count(counts.quiet)} quiet` : null,
    counts.waiting > 0 ? `${count(counts.waiting)} quiet so far` : null,
    counts.expired > 0 ? `${count(counts.expired)} expired` : null,
    counts.leaked > 0 ? `${count(counts.leaked)} leaked` : null,
  ];
  return parts.filter((part) => part !== null).join(", ");
}
