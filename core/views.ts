import type { Power, Road } from "./access.ts";
import type { Person } from "./person.ts";
import type { Revocation, RevokedSession } from "./wire.ts";

/** The named views of `read`: what pages and GET routes may see of the store and the access file, each under its power. */
export interface Views {
  /** The signed-in person, their powers, and what the navigation counts. */
  me: { params: Record<never, never>; view: Me };
  /** Roles this person's groups allow. */
  roles: { params: Record<never, never>; view: { roles: readonly RoleView[]; groups: readonly string[] } };
  /** One role: terms and preflight for who may mint it; frozen state and revocations for who may see it. */
  role: { params: { account: string; name: string }; view: RolePage };
  /** What revoking older sessions of this role would hit, could not stop, and would write. Power: revoke. */
  "revoke-preview": { params: { account: string; name: string }; view: RevokePreview };
  revocations: { params: Record<never, never>; view: { revocations: readonly RevocationLine[] } };
  /** States are made new at each read, from the trail. */
  revocation: {
    params: { id: string };
    view: { revocation: Revocation; sessions: readonly RevokedSession[]; counts: RevocationCounts };
  };
  /** What the ledger says of one mint: for a session's page. */
  mint: { params: { id: string }; view: MintView };
  /** Display names of people and roles, for rows that carry ids. `ids` is comma separated, 200 at most. */
  names: { params: { ids: string }; view: { names: Readonly<Record<string, string>> } };
}
export type ViewName = keyof Views;

export interface Me {
  readonly person: Person;
  readonly powers: readonly { readonly power: Power; readonly accounts: "*" | readonly string[] }[];
  readonly world: string;
  readonly simulated: boolean;
  /** Null where no trail is read. */
  readonly complete_up_to: string | null;
  /** No AWS account behind this world (`--trail`): mint and revoke say so. */
  readonly mints: boolean;
  readonly accounts: readonly { readonly id: string; readonly name: string }[];
}

export interface RoleView {
  readonly arn: string;
  readonly account: string;
  readonly account_name: string;
  readonly name: string;
  readonly description: string | null;
  readonly road: Road;
  /** The longest this person gets here: the least of grant, role and road. */
  readonly seconds_max: number;
  readonly requires: readonly "reason"[];
  readonly external_id: boolean;
  readonly frozen_until: string | null;
}

export interface RolePage {
  /** Null for who may see this role's sessions but not mint it. */
  readonly role: RoleView | null;
  readonly arn: string;
  readonly account: string;
  readonly account_name: string;
  readonly name: string;
  readonly may_revoke: boolean;
  readonly may_see: boolean;
  readonly frozen_until: string | null;
  readonly checks: readonly PreflightCheck[];
  readonly revocations: readonly RevocationLine[];
}

export interface PreflightCheck {
  readonly check: string;
  readonly state: "will-work" | "will-fail" | "unknown";
  /** What was looked at and found, one plain sentence. */
  readonly sentence: string;
  readonly help: string | null;
}

export interface RevokePreview {
  readonly arn: string;
  readonly account_name: string;
  readonly name: string;
  readonly hits: readonly RevokedSession[];
  readonly cannot_stop: readonly string[];
  readonly policy_name: string;
  readonly policy: string;
  /** Cutoff if asked now: now + 30 s in whole seconds. */
  readonly cutoff: string;
  readonly headroom: { readonly used: number; readonly max: number; readonly adds: number };
  /** Why it cannot be done, when it cannot. */
  readonly refusal: { readonly code: string; readonly detail: string; readonly help: string | null } | null;
}

export interface RevocationLine {
  readonly revocation: Revocation;
  readonly account_name: string;
  readonly role_name: string;
  readonly counts: RevocationCounts;
}

/** "k of n bitten, q quiet, u quiet so far". Every session is in exactly one. */
export interface RevocationCounts {
  readonly sessions: number;
  readonly bitten: number;
  readonly denied_otherwise: number;
  readonly quiet: number;
  /** Not observable yet: the trail is not complete past the cutoff. */
  readonly waiting: number;
  readonly expired: number;
  readonly leaked: number;
}

export interface MintView {
  readonly mint_id: string;
  readonly person_id: string;
  readonly person_name: string;
  readonly role: string;
  readonly road: Road;
  readonly reason: string | null;
  readonly session_policy: string | null;
  readonly seconds: number;
  readonly intended_at: string;
  readonly issued_at: string | null;
  readonly expires_at: string | null;
  readonly outcome: "handed-over" | "refused" | "withheld" | "failed" | "unknown";
  readonly access_key_id: string | null;
  readonly ledger: { readonly shard: string; readonly seq: number; readonly hash: string };
}
