import "server-only";
import { cache, type ReactNode, Suspense } from "react";
import { Refusal } from "#/core/refusal.ts";
import { me, question } from "../reading.ts";
import { windowOf } from "../window.ts";
import { count } from "../words.ts";
import type { NavCounts } from "./nav.tsx";

/** The numbers beside the navigation: they stream in after the page and never hold it up. */
export const navCounts = (): NavCounts => ({
  sessions: <Beside of={ownLive} words="of yours live now" />,
  denied: <Beside of={deniedLastDay} words="in the last day" />,
  outside: <Beside of={outside} words="in 30 days" tone="outside" />,
});

const Beside = (props: CountOf): ReactNode => (
  <Suspense fallback={null}>
    <Count {...props} />
  </Suspense>
);

interface CountOf {
  readonly of: () => Promise<number>;
  readonly words: string;
  readonly tone?: "outside";
}

async function Count({ of, words, tone }: CountOf): Promise<ReactNode> {
  const n = await orNought(of);
  if (n === 0) return null;
  return (
    <b className={tone ?? ""} title={`${count(n)} ${words}`}>
      {count(n)}
    </b>
  );
}

/** A number that cannot be read just now is left out; the page itself says what is wrong. */
async function orNought(of: () => Promise<number>): Promise<number> {
  try {
    return await of();
  } catch (error) {
    if (error instanceof Refusal) return 0;
    throw error;
  }
}

const ownLive = cache(async (): Promise<number> => {
  const { person } = await me();
  const liveAt = `${new Date().toISOString().slice(0, 16)}:00Z`;
  return (await question("sessions", { person: person.id, live_at: liveAt, newest: 99 })).rows.length;
});

const figures = cache(async () => {
  const { since, until } = windowOf(new Map(), (await me()).complete_up_to, new Date());
  return (await question("overview-figures", { since, until })).rows[0];
});

const deniedLastDay = async (): Promise<number> => (await figures())?.denied_last_day ?? 0;
const outside = async (): Promise<number> => (await figures())?.outside ?? 0;
