import type { ReactNode } from "react";
import { clock, distance, full, moment } from "../words.ts";

/** An absolute UTC time, the date when it is not today; the relative one only beside it. */
export function Time({
  at,
  now,
  seconds = false,
  relative = false,
}: {
  at: string;
  now: Date;
  seconds?: boolean;
  relative?: boolean;
}): ReactNode {
  const sameDay = at.slice(0, 10) === now.toISOString().slice(0, 10);
  const text = seconds && sameDay ? clock(at) : seconds ? `${moment(at, now)}${at.slice(16, 19)}` : moment(at, now);
  return (
    <>
      <time dateTime={at} title={full(at)}>
        {text}
      </time>
      {relative ? <span className="text-ink-3">, {distance(at, now)}</span> : null}
    </>
  );
}
