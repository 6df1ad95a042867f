import { createHash } from "node:crypto";
import { z } from "zod";
import { allow } from "../access.ts";
import { newId } from "../ids.ts";
import { Blocked } from "../ledger.ts";
import type { Person } from "../person.ts";
import { proofSpent } from "../proof.ts";
import { Refusal } from "../refusal.ts";
import { recordRefusal } from "../refused.ts";
import type { Put } from "../store/index.ts";
import { wholeSeconds } from "../time.ts";
import type { Minted, MintRequest } from "../wire.ts";
import { type Clearance, passChecks } from "./checks.ts";
import { freezeOf, thawWords } from "./freeze.ts";
import { leaseOf, releaseOf } from "./lease.ts";
import type { Minter } from "./minter.ts";
import { type Issued, stsTimeoutMs } from "./sts.ts";
import { endingOf } from "./sts-errors.ts";

/** What lets one request do one thing once. */
export interface Once {
  /** Spends the proof by which the person asks (core/proof.ts): it must be absent. */
  readonly spending?: Put;
  /** The person's own; kept 24 h. */
  readonly idempotency_key?: string;
}

/**
 * Allow → check → record intent → call the road → record outcome → hand over once.
 *
 * Nothing is handed over whose outcome is not on disk; at most one credential is handed over a call. Two commits, each
 * waited for: proof, idempotency key and lease with the intent, the lease's end with the outcome.
 *
 * @throws Refusal as `allow`, `passChecks` · `proof.spent` · `request.repeated` with the first mint's id · `mint.busy` ·
 * `sts.*` · `mint.withheld`.
 */
export async function mint(minter: Minter, person: Person, request: MintRequest, once: Once = {}): Promise<Minted> {
  const clearance = await clear(minter, person, request, once);
  try {
    const asked = minter.now();
    const issued = await callRoad(minter, clearance);
    await withholdIfStopped(minter, clearance, issued, asked);
    return await handOver(minter, clearance, issued, request.console === true);
  } catch (error) {
    // A refusal's outcome freed the lease with it; whatever else went wrong must not hold the person up.
    if (!(error instanceof Refusal)) await minter.store.put(releaseOf(minter, clearance), { any: true });
    throw error;
  }
}

/** Everything that can be refused before AWS is asked; ends with the intent on disk. */
async function clear(minter: Minter, person: Person, request: MintRequest, once: Once): Promise<Clearance> {
  const deed = { ledger: minter.ledger, person_id: person.id, deed: "mint", role: request.role };
  const spending = once.spending === undefined ? [] : [once.spending];
  const passed = async (): Promise<Clearance> => {
    const access = minter.access();
    const allowance = allow(access, person, request);
    return passChecks(minter, { access, allowance, request }, newId("m"));
  };
  const clearance = await recordRefusal(deed, passed, { before: spending }).catch(blockedBySpending);
  const claim = claimOf(minter, clearance, once.idempotency_key);
  const begun = await recordRefusal(deed, () => begin(minter, clearance, { spending, claim }));
  // A replay is refused before it is anybody's deed: it writes nothing.
  if (!begun) throw proofSpent();
  return clearance;
}

function blockedBySpending(error: unknown): never {
  throw error instanceof Blocked ? proofSpent() : error;
}

const dayMs = 86_400_000;
const Claimed = z.object({ mint_id: z.string() });

/** The first of equal requests goes on; a repeat learns the first one's id, and never gets a second credential. */
function claimOf({ now }: Minter, { allowance, mint_id }: Clearance, key: string | undefined): readonly Put[] {
  if (key === undefined) return [];
  const sort = `${allowance.person.id}#${createHash("sha256").update(key).digest("base64url")}`;
  return [{ partition: "idempotency#mint", sort, value: { mint_id }, expires_at: now().getTime() + dayMs }];
}

const pollMs = 50;
const waitMaxMs = 8_000;

/**
 * Proof, idempotency key, lease and intent, in this order and one commit. Where the lease is taken, waits for it. False
 * when the proof was spent before.
 */
async function begin(
  minter: Minter,
  clearance: Clearance,
  { spending, claim }: { spending: readonly Put[]; claim: readonly Put[] },
): Promise<boolean> {
  let first = [...spending, ...claim];
  for (let waited = 0; waited <= waitMaxMs; waited += pollMs) {
    const blocked = await recordIntent(minter, clearance, [...first, leaseOf(minter, clearance)]);
    if (blocked === null) return true;
    if (spending.includes(blocked)) return false;
    if (claim.includes(blocked)) throw await repeated(minter, blocked);
    // The proof is spent and the key is claimed; only the lease is still to be had.
    first = [];
    await minter.wait(pollMs);
  }
  throw new Refusal("mint.busy", "Other credentials for you and this role are being made just now.", {
    help: "Wait a few seconds and try again; you may have this page open twice.",
  });
}

async function repeated({ store }: Minter, { partition, sort }: Put): Promise<Refusal> {
  const first = await store.get(partition, sort);
  const first_id = first === null ? undefined : Claimed.parse(first.value).mint_id;
  return new Refusal("request.repeated", `This request was made before: it is ${first_id ?? "an earlier mint"}.`, {
    help: "A credential is shown once. If it was lost, ask again with another Idempotency-Key.",
    ...(first_id === undefined ? {} : { first_id }),
  });
}

/** The row that was in its way; null when the intent is on disk. */
async function recordIntent({ ledger }: Minter, clearance: Clearance, before: readonly Put[]): Promise<Put | null> {
  const { allowance, terms, mint_id, session_name, source_identity, session_policy, tags, seconds } = clearance;
  const body = {
    mint_id,
    person_id: allowance.person.id,
    account: terms.account.id,
    role: terms.role.arn,
    road: terms.role.road,
    seconds,
    reason: allowance.reason,
    grant: allowance.way.grant,
    session_name,
    source_identity,
    session_policy,
    tags,
    via: allowance.person.via,
  };
  try {
    await ledger.append({ kind: "mint.intended", body }, { before });
    return null;
  } catch (error) {
    if (error instanceof Blocked) return error.row;
    throw error;
  }
}

/** An error of STS becomes the ledger's outcome first, then the person's answer. */
async function callRoad(minter: Minter, clearance: Clearance): Promise<Issued> {
  try {
    return await minter.roads[clearance.terms.role.road].call(clearance);
  } catch (error) {
    const { outcome, why, refusal } = endingOf(error, clearance);
    const { mint_id } = clearance;
    await minter.ledger.append(
      outcome === "refused"
        ? { kind: "mint.refused", body: { mint_id, code: refusal.code, detail: why } }
        : { kind: `mint.${outcome}`, body: { mint_id, why } },
      { after: [releaseOf(minter, clearance)] },
    );
    throw refusal;
  }
}

/**
 * Looks for a freeze again after STS: one that appeared meanwhile did not see this session among the live ones. A call
 * that took longer than it may could even have slept through a whole freeze (31 s), so it counts as stopped, too.
 */
async function withholdIfStopped(minter: Minter, clearance: Clearance, issued: Issued, asked: Date): Promise<void> {
  const took = minter.now().getTime() - asked.getTime();
  const frozen = await freezeOf(minter.store, clearance.terms.role.arn);
  const slow = took < 0 || took > 2 * stsTimeoutMs;
  if (frozen === null && !slow) return;
  const why = frozen === null ? `the call took ${took} ms` : `frozen by ${frozen.revocation_id}`;
  await minter.ledger.append(
    { kind: "mint.withheld", body: { ...factsOf(clearance, issued), why } },
    { after: [releaseOf(minter, clearance)] },
  );
  throw new Refusal(
    "mint.withheld",
    "The role was revoked while AWS made your credentials, so they were destroyed unseen.",
    {
      help: frozen === null ? "Try again." : `The role mints again from ${thawWords(frozen.until)} on.`,
      ...(frozen === null ? {} : { until: frozen.until }),
    },
  );
}

async function handOver(minter: Minter, clearance: Clearance, issued: Issued, wantsConsole: boolean): Promise<Minted> {
  const { terms, mint_id, session_name, seconds } = clearance;
  const console_link = wantsConsole ? await consoleLink(minter, clearance, issued) : {};
  const facts = factsOf(clearance, issued);
  const { packed_policy_size } = issued;
  await minter.ledger.append(
    { kind: "mint.handed-over", body: { ...facts, packed_policy_size, console: "console_url" in console_link } },
    { after: [releaseOf(minter, clearance)] },
  );
  return {
    mint_id,
    role: terms.role.arn,
    session_name,
    credentials: {
      AccessKeyId: issued.access_key_id,
      SecretAccessKey: issued.secret.open(),
      SessionToken: issued.token.open(),
      Expiration: facts.expires_at,
    },
    issued_at: facts.issued_at,
    seconds,
    packed_policy_size,
    region: terms.account.region,
    ...console_link,
    ...(minter.endpoint_url === undefined ? {} : { endpoint_url: minter.endpoint_url }),
  };
}

/** The link is extra: without it the credentials still work, so its refusal is told beside them. */
async function consoleLink(
  { consoleUrl }: Minter,
  { terms, seconds }: Clearance,
  issued: Issued,
): Promise<{ console_url: string } | { console_problem: string }> {
  try {
    return { console_url: await consoleUrl(issued, terms, seconds) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { console_problem: error.message };
  }
}

/** STS answers the end, not the beginning: it is the end minus what was asked, in whole seconds, as the trail has it. */
function factsOf({ mint_id, seconds }: Clearance, { access_key_id, principal_id, expires_at }: Issued) {
  const issued_at = new Date(expires_at.getTime() - seconds * 1000);
  return {
    mint_id,
    access_key_id,
    principal_id,
    issued_at: wholeSeconds(issued_at),
    expires_at: wholeSeconds(expires_at),
  };
}
