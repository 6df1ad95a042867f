import type { AccessFile } from "#/core/access.ts";
import { readAccess } from "#/core/access-file.ts";
import { placesOf, readAwsRegion, readSettings, type Settings } from "#/core/config.ts";
import { type Ambient, ambientIdentity } from "#/core/mint/ambient.ts";
import { expectPublished } from "#/core/mint/issuer-canary.ts";
import { keyInKms } from "#/core/mint/issuer-kms.ts";
import { openSts } from "#/core/mint/sts.ts";
import { Refusal } from "#/core/refusal.ts";
import { type TrailStatus, trailStatuses } from "#/queries/sources/trail-status.ts";

/** One thing looked at: a plain sentence, and what would help. `unknown` is what cannot be seen from here. */
export interface Finding {
  readonly check: "identity" | "access" | "trail" | "issuer" | "account";
  readonly state: "good" | "bad" | "unknown";
  readonly sentence: string;
  readonly help?: string;
}

const marks = { good: "ok  ", bad: "NO  ", unknown: "?   " } as const;

/**
 * Looks at what Roletrail needs of AWS and changes nothing. @returns 0 when all is well, 1 when something is wrong, 3 when
 * something could not be seen.
 */
export async function doctor(settings: Settings = readSettings()): Promise<number> {
  const states = new Set<Finding["state"]>();
  for await (const { state, sentence, help } of findings(settings)) {
    states.add(state);
    process.stdout.write(
      `${marks[state]}${sentence}\n${help === undefined || state === "good" ? "" : `    ${help}\n`}`,
    );
  }
  if (states.has("bad")) return 1;
  return states.has("unknown") ? 3 : 0;
}

/** In the order in which one thing rests on another; each is looked at whatever the others say. */
export async function* findings(settings: Settings): AsyncGenerator<Finding> {
  const region = readAwsRegion() ?? "us-east-1";
  const identity = await told("identity", () => ambientIdentity(region));
  yield "sentence" in identity ? identity : identityFinding(identity, settings);
  const access = await told("access", async () => readAccess(placesOf(settings).access));
  yield "sentence" in access ? access : accessFinding(access, placesOf(settings).access);
  const trails = await told("trail", () => trailStatuses(region));
  if ("sentence" in trails) yield trails;
  else yield* trailFindings(trails);
  yield await issuerFinding(settings);
  if (!("sentence" in access)) yield* accountFindings(access);
}

/** A refusal in its own words; anything else AWS or the network says, named. */
async function told<T extends object>(check: Finding["check"], look: () => Promise<T>): Promise<T | Finding> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Refusal)
      return {
        check,
        state: "bad",
        sentence: error.message,
        ...(error.help === undefined ? {} : { help: error.help }),
      };
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return {
      check,
      state: "unknown",
      sentence: `The ${check} could not be looked at (${why}).`,
      help: "Look again as somebody who may.",
    };
  }
}

function identityFinding({ account, arn }: Ambient, { ROLETRAIL_WORLD: world }: Settings): Finding {
  const expected = /^aws-(\d{12})$/.exec(world)?.[1];
  if (arn.endsWith(":root"))
    return {
      check: "identity",
      state: "bad",
      sentence: `You are the root user of ${account}.`,
      help: "Use a role: root cannot assume roles, and nothing here needs it.",
    };
  if (expected !== undefined && expected !== account)
    return {
      check: "identity",
      state: "bad",
      sentence: `You are ${arn}, but this Roletrail runs in ${expected}.`,
      help: "Take credentials of that account.",
    };
  return { check: "identity", state: "good", sentence: `You are ${arn} in ${account}.` };
}

const accessFinding = ({ accounts, roles, grants }: AccessFile, file: string): Finding => ({
  check: "access",
  state: "good",
  sentence: `${file} is valid: ${roles.length} roles in ${accounts.length} accounts, ${grants.length} grants.`,
});

/** The best trail there is, judged: an organisation's before an account's. */
export function* trailFindings(trails: readonly TrailStatus[]): Generator<Finding> {
  const check = "trail";
  const trail = trails.find(({ organisation }) => organisation) ?? trails[0];
  if (trail === undefined) {
    yield {
      check,
      state: "bad",
      sentence: "This account has no CloudTrail trail.",
      help: "sst deploy makes one where none is told (docs/onboarding.md).",
    };
    return;
  }
  const judge = (good: boolean | null, yes: string, no: string, help: string): Finding => ({
    check,
    state: good === null ? "unknown" : good ? "good" : "bad",
    sentence: `The trail ${trail.name} ${good === true ? yes : no}.`,
    help,
  });
  yield judge(
    trail.organisation,
    "is the organisation's",
    "is this account's alone",
    "Accounts without a trail of the organisation are not seen.",
  );
  yield judge(
    trail.every_region,
    "covers every Region",
    "covers one Region only",
    "Make it multi-region: STS answers in all of them.",
  );
  yield judge(
    trail.validated,
    "writes digests of its files",
    "writes no digests",
    "Switch log file validation on; without it nobody can show that a file was not changed.",
  );
  const unseen = trail.logging === null ? "cannot be asked whether it logs" : "does not log";
  yield judge(trail.logging, "logs", unseen, "aws cloudtrail start-logging, by who keeps the organisation's trail.");
  if (trail.delivery_error !== null)
    yield {
      check,
      state: "bad",
      sentence: `The trail ${trail.name} could not deliver last: ${trail.delivery_error}.`,
      help: `Look at the policy of the bucket ${trail.bucket}.`,
    };
}

async function issuerFinding({ ROLETRAIL_ISSUER: url, ROLETRAIL_ISSUER_KEY: keys }: Settings): Promise<Finding> {
  const check = "issuer";
  if (keys === undefined)
    return {
      check,
      state: "unknown",
      sentence: `${url} was not compared with our keys.`,
      help: "Set ROLETRAIL_ISSUER_KEY to the keys' ARNs, as the mint function has them.",
    };
  try {
    const ours = await Promise.all(keys.split(",").map((key) => keyInKms(key)));
    await expectPublished(url, ours);
    return {
      check,
      state: "good",
      sentence: `${url} publishes exactly our ${ours.length === 1 ? "key" : `${ours.length} keys`}.`,
    };
  } catch (error) {
    return {
      check,
      state: "bad",
      sentence: `The issuer is not as it should be: ${error instanceof Error ? error.message : String(error)}.`,
      help: "A key that is not ours is an emergency: docs/runbook.md, “The issuer's key is stolen”.",
    };
  }
}

/** Each of Roletrail's own roles is tried, and nothing is asked with it. */
async function* accountFindings({ accounts }: AccessFile): AsyncGenerator<Finding> {
  const sts = openSts(() => new Date());
  for (const { id, name, region, broker, revoker, reader } of accounts) {
    const own = [...new Set([revoker, reader, broker])].filter((role) => role !== undefined);
    if (own.length === 0)
      yield {
        check: "account",
        state: "bad",
        sentence: `${name} (${id}) names no role of Roletrail's: sessions there cannot be ended.`,
        help: "Onboard it (docs/onboarding.md, section 4).",
      };
    for (const role of own) {
      const taken = await sts.identityOf(role, region).then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      yield taken === null
        ? { check: "account", state: "good", sentence: `${role} can be taken.` }
        : { check: "account", state: "unknown", sentence: `${taken}.`, help: helpOfRole };
    }
  }
}

const helpOfRole =
  "On AWS that is right for a person: only Roletrail's functions may take it. Its page, or a revocation's preview, shows whether they can.";
