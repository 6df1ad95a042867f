import { invokeLambda } from "#/core/invoke-lambda.ts";
import { errorOf } from "#/core/invoke-reply.ts";
import { closeUnknown } from "#/core/mint/close.ts";
import { expectPublished } from "#/core/mint/issuer-canary.ts";
import { keyInKms } from "#/core/mint/issuer-kms.ts";
import { settleRevocations } from "#/core/revocations-settled.ts";
import { leftRevocations } from "#/core/revoke-resume.ts";
import { openedOnce } from "../lambda-entry.ts";
import { issuerKeysOf, openLambdaWorld } from "../lambda-world.ts";
import type { World } from "../world.ts";

const world = openedOnce(() => openLambdaWorld({ withAccess: false, withKeys: false, trailAs: "sweep" }));

/**
 * Each minute: mints without an outcome are closed from the trail, revocations that were left half done are handed to the
 * function that can do them, old ones are settled, and the issuer must publish exactly our keys. One in trouble stops no
 * other; then it throws into Lambda's own error count, on which an alarm stands.
 */
export const handler = async (): Promise<null> => {
  const opened = await world();
  const done = await Promise.allSettled(
    [closeMints, takeUpRevocations, settle, lookAtIssuer].map((each) => each(opened)),
  );
  const failed = done.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  if (failed.length > 0) throw new Error(failed.map(wordsOf).join("; "));
  return null;
};

async function closeMints({ mints, ledger, trail, now }: World): Promise<void> {
  if (trail.current !== null) await closeUnknown({ mints, ledger: ledger("sweep"), trail: trail.current, now });
}

/** Only the revoke function becomes a revoker: it is told to look, by a door that is the sweep's own. */
async function takeUpRevocations({ settings, store, now }: World): Promise<void> {
  if ((await leftRevocations(store, now().getTime())).length === 0) return;
  const { status, body } = await invokeLambda(`${settings.ROLETRAIL_FUNCTIONS}revoke:sweep`, "{}");
  if (status !== 200) throw errorOf(body);
}

async function settle({ store, mints, trail, now }: World): Promise<void> {
  if (trail.current !== null) await settleRevocations({ store, mints, trail: trail.current, now });
}

async function lookAtIssuer({ settings }: World): Promise<void> {
  const keys = await Promise.all(issuerKeysOf(settings).map((key) => keyInKms(key)));
  await expectPublished(settings.ROLETRAIL_ISSUER, keys);
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
