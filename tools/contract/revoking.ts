import { mint } from "#/core/mint/index.ts";
import { isRevokePolicy } from "#/core/policies.ts";
import { Refusal } from "#/core/refusal.ts";
import { revoke, type StoredRevocation } from "#/core/revoke.ts";
import { person } from "./access.ts";
import type { Broker } from "./broker.ts";
import { chain, lookByIam, lookByS3, mintSession, type Session } from "./minting.ts";
import { hourSeconds, roleArn } from "./role-names.ts";
import type { Run } from "./run.ts";
import { Failed, sentenceOf, settled } from "./steps.ts";

/** Longer than AWS has been seen to need ("a few minutes"; researchers: seconds). */
const patienceSeconds = 300;
const pauseMs = 500;
/** Not every front end of AWS learns of a policy at once: so many denials in a row count. */
const deniedInARow = 3;

/** Revokes `assumed` by the product's own code, and sees what that does to sessions of before and after. */
export async function revocationSteps(run: Run, broker: Broker, services: Services): Promise<void> {
  const { steps } = run;
  const before: { session?: Session; chained?: Session; revocation?: StoredRevocation } = {};
  const isReady = await steps.step(
    "revoke: a session that works",
    "what is denied afterwards worked before",
    async () => {
      before.session = await mintSession(run, broker, "assumed");
      before.chained = await chain(run, before.session);
      await allowed(run, before.session, services);
      return `allowed by ${Object.keys(services).join(" and ")}`;
    },
  );
  const { session, chained } = before;
  if (!isReady || session === undefined || chained === undefined)
    return void steps.skip(
      "revoke",
      "older sessions end",
      "no session worked before it, so a denial would prove nothing",
    );
  const isWritten = await steps.step(
    "revoke: AWSRevokeOlderSessions is written and read back",
    "IAM keeps the console's document as the product writes it",
    async () => {
      const reason = { role: roleArn(run, "assumed"), reason: "contract" };
      before.revocation = await revoke(broker.revoker, person, reason);
      if (before.revocation.read_back_at === null || !isRevokePolicy(before.revocation.policy))
        throw new Failed("It was not read back.");
      return `cutoff ${before.revocation.cutoff}`;
    },
  );
  if (!isWritten || before.revocation === undefined) return;
  await denials(run, session, { services, since: new Date(before.revocation.stored_at ?? run.outside.now()) });
  await frozen(run, broker);
  await steps.step(
    "revoke: a session taken from the old one goes on",
    "what the page warns of: chains are not followed",
    async () => {
      await lookByIam(run, chained, "chained");
      return "allowed, by its own time of issue";
    },
  );
  await laterSession(run, broker, { revocation: before.revocation, services });
}

/** Both services are asked side by side, each from the moment that the policy was there. */
async function denials(
  run: Run,
  session: Session,
  { services, since }: { services: Services; since: Date },
): Promise<void> {
  const asked = Object.entries(services).map(([service, look]) => {
    const answer = firstDenial(run, since, () => look(session));
    answer.catch(() => undefined);
    return { service, answer };
  });
  for (const { service, answer } of asked)
    await run.steps.step(
      `revoke: the old session's next calls of ${service} are denied`,
      "seconds from the policy to the first denial",
      () => answer,
    );
}

/** One call by each service whose denial is looked for, by name. */
export type Services = Readonly<Record<string, (session: Session) => Promise<void>>>;

export const servicesOf = (run: Run, hasBucket: boolean): Services => ({
  IAM: (session) => lookByIam(run, session, "assumed"),
  ...(hasBucket ? { S3: (session: Session) => lookByS3(run, session) } : {}),
});

async function frozen({ steps, ...run }: Run, { minter }: Broker): Promise<void> {
  const request = { role: roleArn(run, "assumed"), seconds: hourSeconds, reason: "contract" };
  await steps.step(
    "revoke: nothing is minted until the cutoff has passed",
    "a session of the cutoff's own second would be dead",
    async () => {
      const refusal = await mint(minter, person, request).catch((error: unknown) => error);
      if (refusal instanceof Refusal && refusal.code === "role.frozen") return refusal.help ?? refusal.message;
      throw new Failed("Roletrail minted for a role that it had just frozen.");
    },
  );
}

/** Seconds from the moment IAM had taken the policy, on the clock of the run. @throws Failed when nothing is denied. */
export async function firstDenial(
  { outside }: Pick<Run, "outside">,
  since: Date,
  look: () => Promise<void>,
): Promise<string> {
  const seconds = (): number => (outside.now().getTime() - since.getTime()) / 1_000;
  let seen: Seen = { allowed: 0, denied: 0, first: 0, words: "" };
  while (seen.denied < deniedInARow) {
    const denial = await denialOf(look);
    outside.signal.throwIfAborted();
    if (denial === null && seconds() > patienceSeconds)
      throw new Failed(`The old session still works ${patienceSeconds} seconds after the policy was written.`);
    seen = afterCall(seen, denial, seconds());
    if (seen.denied < deniedInARow) await outside.wait(pauseMs);
  }
  return `${seen.first.toFixed(1)} s, ${seen.allowed} calls allowed until then; ${seen.words}`;
}

interface Seen {
  readonly allowed: number;
  /** In a row. */
  readonly denied: number;
  readonly first: number;
  readonly words: string;
}

function afterCall(seen: Seen, denial: string | null, seconds: number): Seen {
  if (denial === null) return { ...seen, allowed: seen.allowed + 1, denied: 0 };
  return { ...seen, denied: seen.denied + 1, first: seen.denied === 0 ? seconds : seen.first, words: denial };
}

/** Null when it was allowed, or AWS was too busy to say. @throws what is no denial. */
async function denialOf(look: () => Promise<void>): Promise<string | null> {
  try {
    await look();
    return null;
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (/^Throttling|^SlowDown|^TooManyRequests/.test(name)) return null;
    if (!name.startsWith("AccessDenied")) throw error;
    return sentenceOf(error);
  }
}

/** S3 and IAM learn of a new role each in its own time. */
async function allowed({ outside }: Run, session: Session, services: Services): Promise<void> {
  for (const look of Object.values(services)) await settled(outside, () => look(session));
}

async function laterSession(
  run: Run,
  broker: Broker,
  { revocation, services }: { revocation: StoredRevocation; services: Services },
): Promise<void> {
  await run.steps.step(
    "revoke: a session minted after the cutoff works",
    "the role is not closed, only its past",
    async () => {
      const { now, wait } = run.outside;
      await wait(Math.max(0, Date.parse(revocation.frozen_until) - now().getTime()) + 100);
      const session = await mintSession(run, broker, "assumed");
      await allowed(run, session, services);
      return `minted after ${revocation.frozen_until}`;
    },
  );
}
