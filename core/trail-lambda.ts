import type { z } from "zod";
import { invokeLambda } from "./invoke-lambda.ts";
import { errorOf } from "./invoke-reply.ts";
import type { Store } from "./store/index.ts";
import {
  CallsAfter,
  LiveSessions,
  type OutsideAsk,
  type OutsideTrail,
  OutsideWays,
  type Trail,
  type TrailAsk,
} from "./trail.ts";
import { completeUpToIn } from "./trail-standing.ts";

/**
 * The trail as a Lambda without an engine has it: sessions and calls from the function that alone asks Athena, and how far
 * it is complete from the store.
 *
 * @param door the function that answers, with the alias that is this function's own: `roletrail-production-ask:read`.
 */
export function openLambdaTrail(door: string, store: Store): Trail {
  return {
    liveSessionsOf: (role, at) => asked(door, { asks: "live-sessions", role, at }, LiveSessions),
    callsAfter: async (session_ids, since) =>
      session_ids.length === 0
        ? []
        : asked(door, { asks: "calls-after", session_ids: [...session_ids], since }, CallsAfter),
    completeUpTo: () => completeUpToIn(store),
  };
}

/** The same for who tells people: its door answers this and nothing else. */
export const openLambdaOutside = (door: string): OutsideTrail => ({
  outsideSince: (since) => asked(door, { asks: "outside", since }, OutsideWays),
});

async function asked<T>(door: string, ask: TrailAsk | z.infer<typeof OutsideAsk>, shape: z.ZodType<T>): Promise<T> {
  const { status, body } = await invokeLambda(door, JSON.stringify(ask));
  if (status !== 200) throw errorOf(body);
  return shape.parse(body);
}
