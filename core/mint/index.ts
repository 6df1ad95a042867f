import { createHash } from "node:crypto";
import { z } from "zod";
import { allow } from "../access.ts";
import { newId } from "../ids.ts";
import type { Person } from "../person.ts";
import { Refusal } from "../refusal.ts";
import { recordRefusal } from "../refused.ts";
import { wholeSeconds } from "../time.ts";
import type { Minted, MintRequest } from "../wire.ts";
import { type Clearance, passChecks } from "./checks.ts";
import { freezeOf } from "./freeze.ts";
import { type Lease, takeLease } from "./lease.ts";
import type { Minter } from "./minter.ts";
import { type Issued, stsTimeoutMs } from "./sts.ts";
import { endingOf } from "./sts-errors.ts";

/**
 * Allow → check → record intent → call the road → record outcome → hand over once.
 *
 * Nothing is handed over whose outcome is not on disk; at most one credential is handed over a call.
 *
 * @param idempotencyKey the person's own; kept 24 h.
 * @throws Refusal as `allow`, `passChecks`, `takeLease` · `request.repeated` with the first mint's id · `sts.*` ·
 * `mint.withheld`.
 */
export async function mint(
  minter: Minter,
  person: Person,
  request: MintRequest,
  idempotencyKey?: string,
): Promise<Minted> {
  const { ledger } = minter;
  const deed = { ledger, person_id: person.id, deed: "mint", role: request.role };
  const { clearance, lease } = await recordRefusal(deed, () => clear(minter, person, request, idempotencyKey));
  try {
    await recordIntent(minter, clearance);
    const asked = minter.now();
    const issued = await callRoad(minter, clearance);
    await withholdIfStopped(minter, clearance, issued, asked);
    return await handOver(minter, clearance, issued, request.console === true);
  } finally {
    await lease.release();
  }
}

/** Everything that can be refused before AWS is asked. */
async function clear(
  minter: Minter,
  person: Person,
  request: MintRequest,
  idempotencyKey: string | undefined,
): Promise<{ clearance: Clearance; lease: Lease }> {
  const access = minter.access();
  const allowance = allow(access, person, request);
  const clearance = await passChecks(minter, { access, allowance, request }, newId("m"));
  await claimKey(minter, clearance, idempotencyKey);
  return { clearance, lease: await takeLease(minter, clearance) };
}

const dayMs = 86_400_000;
const Claimed = z.object({ mint_id: z.string() });

/** The first of equal requests goes on; a repeat learns the first one's id, and never gets a second credential. */
async function claimKey(
  { store, now }: Minter,
  { allowance, mint_id }: Clearance,
  key: string | undefined,
): Promise<void> {
  if (key === undefined) return;
  const partition = "idempotency#mint";
  const sort = `${allowance.person.id}#${createHash("sha256").update(key).digest("base64url")}`;
  const row = { partition, sort, value: { mint_id }, expires_at: now().getTime() + dayMs };
  if (await store.put(row, { absent: true })) return;
  const first = await store.get(partition, sort);
  const first_id = first === null ? undefined : Claimed.parse(first.value).mint_id;
  throw new Refusal("request.repeated", `This request was made before: it is ${first_id ?? "an earlier mint"}.`, {
    help: "A credential is shown once. If it was lost, ask again with another Idempotency-Key.",
    ...(first_id === undefined ? {} : { first_id }),
  });
}

async function recordIntent({ ledger }: Minter, clearance: Clearance): Promise<void> {
  const { allowance, terms, mint_id, session_name, source_identity, session_policy, tags, seconds } = clearance;
  await ledger.append({
    kind: "mint.intended",
    body: {
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
    },
  });
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
  await minter.ledger.append({ kind: "mint.withheld", body: { ...factsOf(clearance, issued), why } });
  throw new Refusal(
    "mint.withheld",
    "The role was revoked while AWS made your credentials, so they were destroyed unseen.",
    {
      help: frozen === null ? "Try again." : `The role mints again from ${frozen.until} on.`,
      ...(frozen === null ? {} : { until: frozen.until }),
    },
  );
}

async function handOver(minter: Minter, clearance: Clearance, issued: Issued, wantsConsole: boolean): Promise<Minted> {
  const { terms, mint_id, session_name, seconds } = clearance;
  const console_link = wantsConsole ? await consoleLink(minter, clearance, issued) : {};
  const facts = factsOf(clearance, issued);
  await minter.ledger.append({
    kind: "mint.handed-over",
    body: { ...facts, packed_policy_size: issued.packed_policy_size, console: "console_url" in console_link },
  });
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
    packed_policy_size: issued.packed_policy_size,
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
