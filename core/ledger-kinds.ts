import type { Road } from "./access.ts";

/**
 * What the ledger can say, and with which facts. People appear by id only (names: `core/people.ts`, which can be erased);
 * never a secret: no key but its id, no token, no seed.
 */
export interface Kinds {
  /** Written before STS is called: no credential exists without it. */
  "mint.intended": {
    mint_id: string;
    person_id: string;
    account: string;
    role: string;
    road: Road;
    seconds: number;
    reason: string | null;
    grant: string;
    session_name: string;
    source_identity: string | null;
    session_policy: string | null;
    tags: Readonly<Record<string, string>>;
    via: string;
  };
  /** The credential left the function. The secret is in nobody's store. */
  "mint.handed-over": {
    mint_id: string;
    access_key_id: string;
    principal_id: string;
    issued_at: string;
    expires_at: string;
    packed_policy_size: number | null;
    console: boolean;
  };
  /** STS, or a check after the intent, said no. */
  "mint.refused": { mint_id: string; code: string; detail: string };
  /** A freeze or revocation appeared meanwhile, or STS took too long: made, never shown. */
  "mint.withheld": {
    mint_id: string;
    why: string;
    access_key_id: string;
    principal_id: string;
    issued_at: string;
    expires_at: string;
  };
  "mint.failed": { mint_id: string; why: string };
  /** STS did not answer in time: a credential may exist. Closed later from the trail. */
  "mint.unknown": { mint_id: string; why: string };
  /** What the trail said of an unknown mint: `withheld` when STS had made one after all, `failed` when it had not. */
  "mint.closed": {
    mint_id: string;
    outcome: "withheld" | "failed";
    why: string;
    access_key_id: string | null;
    issued_at: string | null;
    expires_at: string | null;
  };
  /** A deed refused before it began. */
  refused: { person_id: string | null; deed: string; code: string; detail: string; role: string | null };
  "revocation.asked": {
    revocation_id: string;
    person_id: string;
    scope: "role";
    account: string;
    role: string;
    reason: string;
    cutoff: string;
    frozen_until: string;
    policy_name: string;
    policy: string;
    hits: number;
  };
  "revocation.stored": { revocation_id: string; role: string; request_id: string | null };
  "revocation.read-back": { revocation_id: string; role: string };
  "revocation.failed": { revocation_id: string; role: string; code: string; why: string };
  /** A key of a browser or CLI that this person never used before (RFC 7638 thumbprint). */
  "key.new": { person_id: string; thumbprint: string; via: string };
  "signed-in": { person_id: string; via: string; thumbprint: string; authenticated_at: string };
  "signed-out": { person_id: string };
  /** Somebody looked at what is another person's: under which view, and at what. */
  looked: { person_id: string; view: string; at: string; of_person_id: string | null };
  exported: { person_id: string; question: string; params: Readonly<Record<string, unknown>>; rows: number };
  /** A token for STS was signed in KMS: the request id is the one in CloudTrail's record of it. */
  "issuer.signed": { mint_id: string; kid: string; request_id: string | null };
  /**
   * The store was restored to an earlier time: these chains end before what was anchored of them, and somebody has looked
   * at what that means. `found` is where each went on.
   */
  "ledger.reconciled": {
    by: string;
    why: string;
    /** Root of the anchor it was compared with. */
    anchor: string;
    lost: readonly {
      shard: string;
      anchored: { seq: number; hash: string };
      found: { seq: number; hash: string } | null;
    }[];
  };
  "issuer.rotated": { kid: string; previous_kid: string | null };
}

export type Kind = keyof Kinds;
export type Body<K extends Kind> = Kinds[K];
