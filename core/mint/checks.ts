import { type AccessFile, type Allowance, type Road, roleUnknown, type Terms } from "../access.ts";
import { MalformedPolicy } from "../iam/malformed.ts";
import { parsePolicy } from "../iam/policy.ts";
import { Refusal } from "../refusal.ts";
import { sessionNameOf } from "../session-name.ts";
import type { MintRequest } from "../wire.ts";
import { requireThawed } from "./freeze.ts";
import type { Minter } from "./minter.ts";
import type { Trusting } from "./trust.ts";

declare const cleared: unique symbol;

/** "Every check passed, and these are the terms of the STS call." Only `passChecks` makes one; no road works without. */
export interface Clearance extends Trusting {
  readonly [cleared]: true;
  readonly allowance: Allowance;
  readonly mint_id: string;
  readonly session_name: string;
  readonly session_policy: string | null;
  readonly seconds: number;
}

/** What the checks look at. */
interface Asked {
  readonly access: AccessFile;
  readonly allowance: Allowance;
  readonly request: MintRequest;
}

interface Check {
  readonly check: (minter: Minter, asked: Asked) => void | Promise<void>;
  readonly for: readonly Road[];
}

// biome-ignore format: the columns are the point
const checks: readonly Check[] = [
  //                                web-identity    assume-role
  { check: ledgerIsWhole,     for: ["web-identity", "assume-role"] },
  { check: notRoletrailsOwn,  for: ["web-identity", "assume-role"] },
  { check: withinRoad,        for: ["web-identity", "assume-role"] },
  { check: policyReads,       for: ["web-identity", "assume-role"] },
  { check: policyFits,        for: ["web-identity", "assume-role"] },
  { check: notFrozen,         for: ["web-identity", "assume-role"] },
  { check: roadIsOpen,        for: ["web-identity", "assume-role"] },
];

/** The transitive session tag that joins trail and ledger; its value is the mint id. */
export const mintTag = "RoletrailMint";

/** @throws Refusal `role.unknown` · `duration.too-long` · `policy.invalid` · `policy.too-large` · `role.frozen` · `issuer.unpublished` · `ledger.*`. */
export async function passChecks(minter: Minter, asked: Asked, mintId: string): Promise<Clearance> {
  const { access, allowance, request } = asked;
  const { terms, person, seconds } = allowance;
  for (const { check, for: roads } of checks) {
    if (roads.includes(terms.role.road)) await check(minter, asked);
  }
  const clearance: Omit<Clearance, typeof cleared> = {
    allowance,
    terms,
    issuer: minter.issuer,
    mint_id: mintId,
    session_name: sessionNameOf(person, access.session_names),
    source_identity: terms.role.source_identity ? person.id : null,
    tags: { ...terms.role.tags, [mintTag]: mintId },
    session_policy: request.session_policy ?? null,
    seconds,
  };
  // The one sealed cast of this module.
  return clearance as Clearance;
}

/** The roles Roletrail itself takes would hand its own power to a person, whatever a grant says. */
function notRoletrailsOwn(_minter: Minter, { access, allowance }: Asked): void {
  const { arn } = allowance.terms.role;
  if (access.accounts.some(({ broker, revoker, reader }) => [broker, revoker, reader].includes(arn)))
    throw roleUnknown(arn);
}

async function withinRoad(minter: Minter, { allowance }: Asked): Promise<void> {
  const { seconds_max, why } = await roadCap(minter, allowance.terms);
  if (allowance.seconds <= seconds_max) return;
  throw new Refusal("duration.too-long", why, { help: `Ask for ${seconds_max / 60} minutes or less.` });
}

/** The road's own cap, which no grant can lift, and the sentence that says so. */
export async function roadCap(minter: Minter, terms: Terms): Promise<{ seconds_max: number; why: string }> {
  return minter.roads[terms.role.road].cap(terms);
}

/** The longest this person gets: the least of grant, role and road. */
export async function secondsMaxOf(minter: Minter, terms: Terms): Promise<number> {
  return Math.min(terms.seconds_max, (await roadCap(minter, terms)).seconds_max);
}

function policyReads(_minter: Minter, { request }: Asked): void {
  if (request.session_policy === undefined) return;
  try {
    parsePolicy(request.session_policy, "identity");
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    throw new Refusal("policy.invalid", `The session policy is not one AWS would take: ${error.message}`, {
      help: 'A policy reads {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}.',
    });
  }
}

/** STS: 2,048 plain characters in total, of U+0009, U+000A, U+000D and U+0020-00FF. The SDK would not stop it. */
const policyCharsMax = 2_048;

function policyFits(_minter: Minter, { request }: Asked): void {
  const policy = request.session_policy ?? "";
  const count = [...policy].length;
  if (count > policyCharsMax) {
    throw new Refusal("policy.too-large", `The session policy has ${count} characters; AWS takes ${policyCharsMax}.`, {
      help: "Make it shorter: wildcards for actions, or a prefix for resources.",
    });
  }
  if (!/^[\t\n\r\u0020-\u00ff]*$/.test(policy)) {
    throw new Refusal("policy.invalid", "The session policy holds a character outside Latin-1, which AWS refuses.");
  }
}

async function notFrozen(minter: Minter, { allowance }: Asked): Promise<void> {
  await requireThawed(minter.store, allowance.terms.role.arn);
}

async function ledgerIsWhole(minter: Minter): Promise<void> {
  const refusal = await minter.ledgerRefusal?.();
  if (refusal !== undefined && refusal !== null) throw refusal;
}

async function roadIsOpen(minter: Minter, { allowance }: Asked): Promise<void> {
  const closed = await minter.roads[allowance.terms.role.road].closed?.();
  if (closed !== undefined && closed !== null) throw closed;
}
