import type { ReactNode } from "react";
import type { Answer } from "#/core/wire.ts";
import { bytes, count, counted, distance, moment } from "../words.ts";

type Measured = Pick<Answer, "complete_up_to" | "accounts" | "events" | "bytes" | "milliseconds" | "cached">;

/** The one line under every title of the trail: complete up to when, accounts, events, bytes and milliseconds. */
export function Standing({ answers, now }: { answers: readonly (Measured | null)[]; now: Date }): ReactNode {
  const all = answers.filter((answer) => answer !== null);
  if (all.length === 0) return null;
  const complete = all.map(({ complete_up_to }) => complete_up_to).reduce(earlier);
  const accounts = Math.max(...all.map((answer) => answer.accounts));
  const events = Math.max(...all.map((answer) => answer.events));
  const read = all.reduce((sum, answer) => sum + answer.bytes, 0);
  const milliseconds = all.reduce((sum, answer) => sum + answer.milliseconds, 0);
  return (
    <p className="standing">
      <span>
        {complete === null ? (
          <b>Nothing is read yet</b>
        ) : (
          <>
            <b>
              Complete up to <time dateTime={complete}>{moment(complete, now)}</time> UTC
            </b>
            , {distance(complete, now)}
          </>
        )}
      </span>
      {complete === null ? null : <span>{accounts === 0 ? "your own sessions" : counted(accounts, "account")}</span>}
      <span>
        {accounts === 0 ? null : `${count(events)} events, `}read {bytes(read)} in {count(Math.round(milliseconds))} ms
      </span>
    </p>
  );
}

/** Complete as far as the least complete answer; null, nothing read, is the least of all. */
const earlier = (a: string | null, b: string | null): string | null =>
  a === null || b === null ? null : a < b ? a : b;
