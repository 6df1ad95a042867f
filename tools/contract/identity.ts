import { IAMClient } from "@aws-sdk/client-iam";
import { STSClient } from "@aws-sdk/client-sts";
import { Refusal } from "#/core/refusal.ts";
import { type Broker, openBroker } from "./broker.ts";
import { chain, lookByIam, mintSession, type Session, soundLedger } from "./minting.ts";
import { registerIssuer } from "./provider.ts";
import { refuse, refusedRequests, takenBare } from "./refused.ts";
import { refusedTokens, takenByAudience } from "./refused-web.ts";
import { revocationSteps, servicesOf } from "./revoking.ts";
import { makeRoles } from "./roles.ts";
import type { Run } from "./run.ts";
import { settled } from "./steps.ts";

/** Everything about roles: minted by each road, refused where it must be, revoked. */
export async function identitySteps(run: Run, hasBucket: boolean): Promise<void> {
  const iam = new IAMClient({ region: run.terms.region, maxAttempts: 5 });
  const opened: { broker?: Broker } = {};
  try {
    const isOpen = await run.steps.step(
      "the broker",
      "key, store and ledger of this run; the issuer's host, asked as STS asks it",
      async () => {
        opened.broker = await openBroker(run).catch(inOwnWords);
        return opened.broker.issuer === null ? "without an issuer" : opened.broker.issuer.url;
      },
    );
    if (isOpen && opened.broker !== undefined) await withBroker(run, opened.broker, { iam, hasBucket });
  } finally {
    iam.destroy();
    await opened.broker?.close();
  }
}

function inOwnWords(error: unknown): never {
  throw error instanceof Refusal ? new Error(`${error.message} ${error.help ?? ""}`) : error;
}

async function withBroker(
  run: Run,
  broker: Broker,
  { iam, hasBucket }: { iam: IAMClient; hasBucket: boolean },
): Promise<void> {
  const { steps } = run;
  const { issuer } = broker;
  if (issuer === null) steps.skip("the issuer is registered", "IAM takes Roletrail's issuer", noIssuer);
  else if (
    !(await steps.step("the issuer is registered", "IAM takes Roletrail's issuer as an OIDC provider", () =>
      registerIssuer(run, iam, issuer.url),
    ))
  )
    return;
  const areMade = await steps.step("the roles are made", "IAM takes the trust policies that are shipped", () =>
    makeRoles(run, iam, issuer?.url ?? null),
  );
  if (!areMade) return;
  await webSteps(run, broker);
  await assumeSteps(run, broker, hasBucket);
  await steps.step("the ledger of this run", "intent and outcome of every mint, in one chain", () =>
    soundLedger(broker),
  );
}

const noIssuer = "give --issuer and --issuer-key: AWS reads the issuer's keys over the internet";

async function webSteps(run: Run, broker: Broker): Promise<void> {
  const { steps } = run;
  const { issuer } = broker;
  if (issuer === null)
    return void steps.skip(
      "minted by web-identity",
      "twelve hours without an AWS key; tokens that fit one role",
      noIssuer,
    );
  const isTaken = await steps.step(
    "minted by web-identity",
    "two roles take each its own token; tag and source identity are in the session",
    async () => {
      for (const kind of ["web", "other"] as const) {
        const session = await mintSession(run, broker, kind);
        await settled(run.outside, () => lookByIam(run, session, kind));
      }
      return "a call that asks for both was allowed";
    },
  );
  if (!isTaken)
    return void steps.skip(
      "tokens that must be refused",
      "each rule of the trust",
      "no right token was taken, so a refusal would prove nothing",
    );
  await steps.step(
    "the same token where the audience alone is trusted",
    "what the subject in the trust policy is worth",
    () => settled(run.outside, () => takenByAudience(run, issuer)),
  );
  for (const call of refusedTokens(run, issuer)) await refuse(run, call);
}

async function assumeSteps(run: Run, broker: Broker, hasBucket: boolean): Promise<void> {
  const { steps } = run;
  const taken: { session?: Session } = {};
  const isTaken = await steps.step(
    "minted by assume-role",
    "external id, tag and source identity by parameters",
    async () => {
      const session = await mintSession(run, broker, "assumed");
      await settled(run.outside, () => lookByIam(run, session, "assumed"));
      taken.session = session;
      return "a call that asks for tag and source identity was allowed";
    },
  );
  const { session } = taken;
  if (!isTaken || session === undefined)
    return void steps.skip(
      "requests that must be refused, and the revocation",
      "each rule of AssumeRole",
      "nothing was minted by assume-role",
    );
  await steps.step(
    "tag and source identity go on through a chain",
    "lineage and revocation by person hang on it",
    async () => {
      const further = await settled(run.outside, () => chain(run, session));
      await settled(run.outside, () => lookByIam(run, further, "chained"));
      return "the second role's session has both, although nobody sent them";
    },
  );
  const own = new STSClient({ region: run.terms.region, maxAttempts: 3 });
  const isLent = await steps.step("a role that takes neither tags nor source identity", "it is lent without them", () =>
    settled(run.outside, () => takenBare(run, own)),
  );
  if (!isLent) steps.skip("requests that must be refused", "each rule of AssumeRole", "a right one was refused");
  else for (const call of refusedRequests(run, own, session)) await refuse(run, call);
  own.destroy();
  await revocationSteps(run, broker, servicesOf(run, hasBucket));
}
