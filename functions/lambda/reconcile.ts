import { z } from "zod";
import { reconcile } from "#/core/reconcile.ts";
import { Refusal } from "#/core/refusal.ts";
import { problemFrom } from "../call.ts";
import { openedOnce } from "../lambda-entry.ts";
import { openAnchors, openLambdaWorld } from "../lambda-world.ts";

const world = openedOnce(() => openLambdaWorld({ withAccess: false, withKeys: false }));

const Confirmed = z.strictObject({
  confirm: z.string(),
  by: z.string().min(3).max(200),
  why: z.string().min(10).max(2_000),
});
const Asked = z.union([z.strictObject({}), Confirmed]);

/**
 * By hand, after a restore (docs/runbook.md): with `{}` says what the ledger lacks of what was anchored; with that answer's
 * `confirm`, who and why, enters it, and mints are made again. No role of Roletrail's may invoke it.
 */
export const handler = async (event: unknown): Promise<unknown> => {
  try {
    const asked = Asked.safeParse(event);
    if (!asked.success)
      throw new Refusal("request.invalid", 'Ask with {}, or with {"confirm": "…", "by": "…", "why": "…"}.');
    const { settings, store, ledger } = await world();
    const of = { store, anchors: await openAnchors(settings), ledger: ledger("reconcile") };
    return await reconcile(of, Confirmed.safeParse(event).data);
  } catch (error) {
    return problemFrom(error);
  }
};
