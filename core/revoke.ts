import { z } from "zod";
import { type AccessFile, accountOf, nameOf, roleUnknown } from "./access.ts";
import { newId } from "./ids.ts";
import type { Ledger } from "./ledger.ts";
import { freeze } from "./mint/freeze.ts";
import type { Person } from "./person.ts";
import {
  cutoffOf,
  denyIssuedBefore,
  identityCenterScp,
  inlinePoliciesMax,
  isRevokePolicy,
  policyText,
  revokePolicyName,
  samePolicy,
  sizeOf,
  thawOf,
} from "./policies.ts";
import { Refusal } from "./refusal.ts";
import { recordRefusal } from "./refused.ts";
import type { RoleDoor } from "./revoke-iam.ts";
import type { Store } from "./store/index.ts";
import { wholeSeconds } from "./time.ts";
import { Revocation, type RevokeRequest } from "./wire.ts";

type Account = AccessFile["accounts"][number];

/** Outside things of the revocation, built once a process. */
export interface Revoker {
  readonly now: () => Date;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly access: () => AccessFile;
  readonly store: Store;
  /** Shard `revoke-<n>`. */
  readonly ledger: Ledger;
  readonly roleDoor: (account: Account) => RoleDoor | null;
  /** How many sessions of the role are live now, as far as ledger and trail know. */
  readonly liveCount: (role: string) => Promise<number>;
}

/** A revocation as it is kept: the name of who asked is filled in when it is read, so that it can be erased. */
export type StoredRevocation = Omit<Revocation, "asked_by_name">;
const Stored = Revocation.omit({ asked_by_name: true });

/**
 * Ends every session of the role issued before the cutoff: look → freeze minting → record → write the console's own
 * policy → read it back → record. Who may is decided by who calls this.
 *
 * @throws Refusal `role.identity-center` · `role.service-linked` · `account.none` · `role.unknown` · `policy.too-large` ·
 * `revocation.failed`.
 */
export async function revoke(revoker: Revoker, person: Person, request: RevokeRequest): Promise<StoredRevocation> {
  const { ledger } = revoker;
  const deed = { ledger, person_id: person.id, deed: "revoke", role: request.role };
  const { door, role } = await recordRefusal(deed, () => clear(revoker, request.role));
  const hits = await revoker.liveCount(role);
  const asked = await ask(revoker, person, { ...request, role }, hits);
  try {
    return await write(revoker, door, asked);
  } catch (error) {
    return fail(revoker, asked, error);
  }
}

/** The role as IAM names it, and its door, when revoking can work. */
async function clear(revoker: Revoker, asked: string): Promise<{ door: RoleDoor; role: string }> {
  const door = doorOf(revoker, revocableAccountOf(revoker.access(), asked));
  const { arn } = await door.role(asked);
  // Only now is the path known.
  revocableAccountOf(revoker.access(), arn);
  const { refusal } = await roomOf(door, arn, cutoffOf(revoker.now()));
  if (refusal !== null) throw refusal;
  return { door, role: arn };
}

/** From here on nothing is minted for the role; what was asked is on disk before IAM hears of it. */
async function ask(
  { now, store, ledger }: Revoker,
  person: Person,
  { role, reason }: RevokeRequest,
  hits: number,
): Promise<StoredRevocation> {
  const at = now();
  const cutoff = cutoffOf(at);
  const revocation: StoredRevocation = {
    revocation_id: newId("v"),
    scope: "role",
    role,
    asked_by: person.id,
    reason,
    asked_at: at.toISOString(),
    cutoff: wholeSeconds(cutoff),
    frozen_until: wholeSeconds(thawOf(cutoff)),
    stored_at: null,
    read_back_at: null,
    policy_name: revokePolicyName,
    policy: policyText(denyIssuedBefore(cutoff)),
    failure: null,
    hits,
  };
  const { revocation_id, frozen_until, policy_name, policy } = revocation;
  await freeze(store, role, revocation_id, thawOf(cutoff));
  await ledger.append({
    kind: "revocation.asked",
    body: {
      revocation_id,
      person_id: person.id,
      scope: "role",
      account: accountOf(role),
      role,
      reason,
      cutoff: revocation.cutoff,
      frozen_until,
      policy_name,
      policy,
      hits,
    },
  });
  return keep(store, revocation);
}

/** IAM shows a policy a little later than it takes it. */
const readBackPausesMs = [0, 200, 500, 1_000, 2_000];

export async function write(revoker: Revoker, door: RoleDoor, asked: StoredRevocation): Promise<StoredRevocation> {
  const { now, store, ledger } = revoker;
  const { revocation_id, role, policy_name, policy } = asked;
  const request_id = await door.putInlinePolicy(role, policy_name, policy);
  await ledger.append({ kind: "revocation.stored", body: { revocation_id, role, request_id } });
  return readBack(revoker, door, await keep(store, { ...asked, stored_at: now().toISOString() }));
}

export async function readBack(
  { now, store, ledger, wait }: Revoker,
  door: RoleDoor,
  stored: StoredRevocation,
): Promise<StoredRevocation> {
  const { revocation_id, role, policy_name, policy } = stored;
  for (const pause of readBackPausesMs) {
    if (pause > 0) await wait(pause);
    const found = await door.inlinePolicy(role, policy_name);
    if (found === null || !samePolicy(found, policy)) continue;
    await ledger.append({ kind: "revocation.read-back", body: { revocation_id, role } });
    return keep(store, { ...stored, read_back_at: now().toISOString() });
  }
  throw new Refusal("revocation.failed", "The policy was stored, but reading it back shows something else.", {
    help: "Somebody may have changed or removed it. Look at the role's inline policies in the AWS console, and revoke again.",
  });
}

export async function fail({ store, ledger }: Revoker, asked: StoredRevocation, error: unknown): Promise<never> {
  const { revocation_id, role } = asked;
  const code = error instanceof Refusal ? error.code : "fault";
  const why = error instanceof Refusal ? error.message : "something broke on Roletrail's side";
  await ledger.append({ kind: "revocation.failed", body: { revocation_id, role, code, why } });
  const latest = (await revocationOf(store, revocation_id)) ?? asked;
  await keep(store, { ...latest, failure: why });
  throw error;
}

const partition = "revocation";

export async function keep(store: Store, revocation: StoredRevocation): Promise<StoredRevocation> {
  const row = { partition, sort: revocation.revocation_id, value: revocation, durable: true };
  await store.put(row, { any: true });
  return revocation;
}

export async function revocationOf(store: Store, id: string): Promise<StoredRevocation | null> {
  const row = await store.get(partition, id);
  return row === null ? null : Stored.parse(row.value);
}

/** Newest first: ids are in the order of time. */
export async function revocations(store: Store, limit: number): Promise<readonly StoredRevocation[]> {
  const rows = await store.list(partition, { newestFirst: true, limit });
  return z.array(Stored).parse(rows.map(({ value }) => value));
}

/**
 * The account the role is in, when its sessions can be ended by an inline policy at all.
 *
 * @throws Refusal `role.identity-center`, `role.service-linked` with what works instead · `role.unknown`.
 */
export function revocableAccountOf(access: AccessFile, role: string): Account {
  const account = access.accounts.find(({ id }) => id === accountOf(role));
  if (account === undefined) throw roleUnknown(role);
  if (nameOf(role).startsWith("AWSReservedSSO_")) {
    throw new Refusal("role.identity-center", "Identity Center keeps this role; IAM lets nobody write to it.", {
      help: `End the person's portal session and assignment in Identity Center, and attach this as an SCP or to the permission set: ${identityCenterScp("<Identity Center user id>")}`,
    });
  }
  if (role.includes(":role/aws-service-role/")) {
    throw new Refusal("role.service-linked", "An AWS service keeps this role; its sessions cannot be revoked.", {
      help: "Stop what the service does for you (its own console), or deny it by an SCP where SCPs reach it: service-linked roles are exempt from most.",
    });
  }
  return account;
}

export function doorOf(revoker: Revoker, account: Account): RoleDoor {
  const door = revoker.roleDoor(account);
  if (door !== null) return door;
  throw new Refusal("account.none", `Roletrail has no revoker role in ${account.name} (${account.id}).`, {
    help: "Ask who keeps that account to press “Revoke active sessions” on the role in the AWS console.",
  });
}

/** How full the role's inline policies are, and whether ours fits. */
export interface Room {
  readonly used: number;
  readonly max: number;
  /** What writing our policy changes, in characters. */
  readonly adds: number;
  readonly refusal: Refusal | null;
}

/** Looked at before anything is frozen or written: IAM counts all inline policies of a role together. */
export async function roomOf(door: RoleDoor, role: string, cutoff: Date): Promise<Room> {
  const policies = await door.inlinePolicies(role);
  const used = [...policies.values()].reduce((sum, document) => sum + sizeOf(document), 0);
  const before = policies.get(revokePolicyName);
  const adds = sizeOf(policyText(denyIssuedBefore(cutoff))) - (before === undefined ? 0 : sizeOf(before));
  return { used, max: inlinePoliciesMax, adds, refusal: roomRefusal(used, adds, before) };
}

function roomRefusal(used: number, adds: number, before: string | undefined): Refusal | null {
  if (before !== undefined && !isRevokePolicy(before)) {
    return new Refusal(
      "revocation.failed",
      `The role has an inline policy ${revokePolicyName} that says something else.`,
      {
        help: "Roletrail never replaces what it does not know. Give that policy another name, then revoke.",
      },
    );
  }
  if (used + adds <= inlinePoliciesMax) return null;
  const detail = `The role's inline policies have ${used} of ${inlinePoliciesMax} characters; the revocation needs ${adds} more.`;
  return new Refusal("policy.too-large", detail, {
    help: "Move an inline policy into a managed one, or end the sessions by an SCP.",
  });
}

/** What pressing the button shows first. */
export interface RevokeLook {
  /** As IAM names it, where it could be asked. */
  readonly role: string;
  readonly cutoff: Date;
  readonly policy: string;
  readonly room: Omit<Room, "refusal"> | null;
  readonly refusal: Refusal | null;
}

/** Everything `revoke` would check, without doing anything. */
export async function lookAtRevoke(revoker: Revoker, role: string): Promise<RevokeLook> {
  const cutoff = cutoffOf(revoker.now());
  const policy = policyText(denyIssuedBefore(cutoff));
  try {
    const door = doorOf(revoker, revocableAccountOf(revoker.access(), role));
    const { arn } = await door.role(role);
    revocableAccountOf(revoker.access(), arn);
    const { refusal, ...room } = await roomOf(door, arn, cutoff);
    return { role: arn, cutoff, policy, room, refusal };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { role, cutoff, policy, room: null, refusal: error };
  }
}

/** What no policy on this role can stop, said before the click. */
export const cannotStop: readonly string[] = [
  "Sessions of other roles that were assumed from these: each keeps its own issue time. Revoke those roles as well.",
  "sts:GetCallerIdentity is never denied, so whatever signs people in by it (EKS tokens, Vault's IAM auth) takes a revoked session until it expires.",
  "Connections that are already open: SSM sessions, database connections, ECS Exec and kubectl exec.",
  "Work that services go on doing with roles of their own, started by these sessions.",
  "Somebody who may edit IAM can delete the policy. Against an intruder with such rights use an SCP.",
  "The first seconds: AWS makes the policy known everywhere within minutes, usually within seconds.",
];
