import { z } from "zod";
import type { Person } from "./person.ts";
import { Refusal } from "./refusal.ts";
import type { MintRequest } from "./wire.ts";

const accountId = z.string().regex(/^\d{12}$/, "an account id is twelve digits, in quotes");
const roleArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
    "a role is written as its ARN, e.g. arn:aws:iam::111122223333:role/ReadOnly",
  );
const seconds = z.int().min(900).max(43_200);

export const roads = ["web-identity", "assume-role"] as const;
export type Road = (typeof roads)[number];

export const powers = [
  "see-own",
  "see-account",
  "see-all",
  "ask-sql",
  "export",
  "revoke",
  "undo",
  "freeze",
  "reset-factor",
  "review",
] as const;
export type Power = (typeof powers)[number];

/** `access.yaml`: who may assume what, and who may do what with the product itself. One file, reviewed like code. */
export const AccessFile = z.strictObject({
  version: z.literal(1),
  issuers: z
    .array(
      z.strictObject({
        issuer: z.url(),
        client_id: z.string().min(1),
        /** The immutable claim a person is known by: `sub`, or `oid` for Entra. Never e-mail. */
        claim: z.enum(["sub", "oid", "uid"]).default("sub"),
        groups_claim: z.string().min(1).default("groups"),
        name_claim: z.string().min(1).default("name"),
        scope: z.string().default("openid email profile groups"),
      }),
    )
    .min(1),
  accounts: z.array(
    z.strictObject({
      id: accountId,
      name: z.string().regex(/^[a-z0-9-]{1,40}$/),
      partition: z.enum(["aws", "aws-cn", "aws-us-gov", "aws-eusc"]).default("aws"),
      organization: z
        .string()
        .regex(/^o-[a-z0-9]{10,32}$/)
        .optional(),
      region: z.string().default("us-east-1"),
      /** The role the revoke function takes to write the deny policy in this account. */
      revoker: roleArn.optional(),
      /** The role that only looks at roles, for who may not revoke; absent means the revoker looks, too. */
      reader: roleArn.optional(),
      /** The broker's own role for the road assume-role; absent means the function's own credentials call STS. */
      broker: roleArn.optional(),
    }),
  ),
  roles: z.array(
    z.strictObject({
      arn: roleArn,
      road: z.enum(roads).default("web-identity"),
      description: z.string().max(200).optional(),
      /** The role's own MaxSessionDuration, as set in IAM. STS refuses above it. */
      max_seconds: seconds.default(3600),
      external_id: z
        .string()
        .regex(/^[\w+=,.@:/-]{2,1224}$/)
        .optional(),
      /** Off only where the trust policy cannot allow sts:SetSourceIdentity. */
      source_identity: z.boolean().default(true),
      tags: z.record(z.string().max(128), z.string().max(256)).default({}),
    }),
  ),
  grants: z.array(
    z.strictObject({
      name: z.string().min(1).max(80),
      groups: z.array(z.string().min(1)).default([]),
      /** Person ids (`p_…`). */
      people: z.array(z.string().regex(/^p_[a-z2-7]{16}$/)).default([]),
      roles: z.array(roleArn).min(1),
      max_seconds: seconds.optional(),
      requires: z.array(z.enum(["reason"])).default([]),
    }),
  ),
  powers: z.array(
    z.strictObject({
      groups: z.array(z.string().min(1)).default([]),
      people: z.array(z.string()).default([]),
      may: z.array(z.enum(powers)).min(1),
      /** Account ids, or `*` for every account of this file. */
      accounts: z.union([z.literal("*"), z.array(accountId)]),
    }),
  ),
  session_names: z.enum(["readable", "opaque"]).default("readable"),
});

export type AccessFile = z.infer<typeof AccessFile>;

type RoleEntry = AccessFile["roles"][number];
type AccountEntry = AccessFile["accounts"][number];

/** One grant that reaches a person: one way into the role. */
export interface Way {
  readonly grant: string;
  /** The least of grant and role. */
  readonly seconds_max: number;
  readonly requires: readonly "reason"[];
}

/** What one person may have of one role, never above what the role itself lends. */
export interface Terms {
  readonly role: RoleEntry;
  readonly account: AccountEntry;
  /** In the order of the file, at least one. */
  readonly ways: readonly Way[];
  /** Of the widest way. The road's own cap is `core/mint/checks.ts`'s. */
  readonly seconds_max: number;
  /** What every way asks. */
  readonly requires: readonly "reason"[];
}

declare const sealed: unique symbol;

/** "This person may do this, under these terms." Only `allow` makes one, so a mint without asking does not compile. */
export interface Allowance {
  readonly [sealed]: true;
  readonly person: Person;
  readonly terms: Terms;
  readonly way: Way;
  readonly seconds: number;
  readonly reason: string | null;
}

/**
 * Asks the access file whether this person may have this role under this request.
 *
 * @throws Refusal `groups.missing`, `groups.overage` · `role.unknown` (for a role that does not exist, and, in the same
 * words, for one outside the person's grants) · `duration.too-short`, `duration.too-long` · `reason.missing`.
 */
export function allow(access: AccessFile, person: Person, request: MintRequest): Allowance {
  const terms = termsOf(access, person, request.role);
  if (terms === null) throw roleUnknown(request.role);
  const { seconds } = request;
  if (seconds < secondsMin) {
    throw new Refusal("duration.too-short", `AWS lends a role for at least ${inWords(secondsMin)}.`, {
      help: `Ask for ${inWords(secondsMin)} or more.`,
    });
  }
  const reason = request.reason?.trim() || null;
  const way = wayFor(terms, seconds, reason);
  // The one sealed cast of this module.
  return { person, terms, way, seconds, reason } as Allowance;
}

function wayFor(terms: Terms, seconds: number, reason: string | null): Way {
  const longEnough = terms.ways.filter((way) => seconds <= way.seconds_max);
  if (longEnough.length === 0) {
    throw new Refusal("duration.too-long", `This role lends you at most ${inWords(terms.seconds_max)}.`, {
      help: `Ask for ${inWords(terms.seconds_max)} or less, or ask for a longer grant in the access file.`,
    });
  }
  const way = longEnough.find(({ requires }) => reason !== null || !requires.includes("reason"));
  if (way !== undefined) return way;
  throw new Refusal("reason.missing", "This role asks why you need it.", {
    help: "Give a reason: one sentence will do.",
  });
}

const secondsMin = 900;

/** The same words whether the role does not exist or is not this person's: a stranger learns nothing. */
export const roleUnknown = (role: string): Refusal =>
  new Refusal("role.unknown", `${role} is not a role you may use.`, {
    help: "Check its name, or ask who keeps the access file for a grant.",
  });

/** Null when no grant reaches the person. @throws Refusal `groups.missing`, `groups.overage`. */
export function termsOf(access: AccessFile, person: Person, arn: string): Terms | null {
  requireGroups(person);
  const role = access.roles.find((entry) => entry.arn === arn);
  return role === undefined ? null : termsFor(access, person, role);
}

/** Every role this person may have, in the order of the file. @throws Refusal `groups.missing`, `groups.overage`. */
export function rolesOf(access: AccessFile, person: Person): readonly Terms[] {
  requireGroups(person);
  return access.roles.flatMap((role) => termsFor(access, person, role) ?? []);
}

function termsFor(access: AccessFile, person: Person, role: RoleEntry): Terms | null {
  const account = access.accounts.find(({ id }) => id === accountOf(role.arn));
  const ways = access.grants
    .filter((grant) => grant.roles.includes(role.arn) && reaches(grant, person))
    .map(({ name, max_seconds = role.max_seconds, requires }) => {
      return { grant: name, seconds_max: Math.min(max_seconds, role.max_seconds), requires };
    });
  if (account === undefined || ways.length === 0) return null;
  return {
    role,
    account,
    ways,
    seconds_max: Math.max(...ways.map(({ seconds_max }) => seconds_max)),
    requires: ways.every(({ requires }) => requires.includes("reason")) ? ["reason"] : [],
  };
}

/** Whole names only: `admin` is not part of `non-admin`, and case counts. */
const reaches = (
  to: { readonly groups: readonly string[]; readonly people: readonly string[] },
  person: Person,
): boolean => to.people.includes(person.id) || to.groups.some((group) => person.groups.includes(group));

/** What a person may do with the product itself. No power implies another. */
export interface Powers {
  readonly list: readonly { readonly power: Power; readonly accounts: "*" | readonly string[] }[];
  readonly may: (power: Power, account: string) => boolean;
  /** In at least one account. */
  readonly mayAnywhere: (power: Power) => boolean;
  /** The accounts this power reaches; `*` for all of the file. */
  readonly accountsOf: (power: Power) => "*" | readonly string[];
}

/** @throws Refusal `groups.missing`, `groups.overage`. */
export function powersOf(access: AccessFile, person: Person): Powers {
  requireGroups(person);
  const mine = access.powers.filter((entry) => reaches(entry, person));
  const accountsOf = (power: Power): "*" | readonly string[] => {
    const lists = mine.filter(({ may }) => may.includes(power)).map(({ accounts }) => accounts);
    return lists.includes("*") ? "*" : [...new Set(lists.flatMap((accounts) => (accounts === "*" ? [] : accounts)))];
  };
  const list = powers
    .map((power) => ({ power, accounts: accountsOf(power) }))
    .filter(({ accounts }) => accounts.length > 0);
  const reach = new Map(list.map(({ power, accounts }) => [power, accounts]));
  return {
    list,
    accountsOf: (power) => reach.get(power) ?? [],
    mayAnywhere: (power) => reach.has(power),
    may: (power, account) => {
      const accounts = reach.get(power);
      return accounts === "*"
        ? access.accounts.some(({ id }) => id === account)
        : (accounts?.includes(account) ?? false);
    },
  };
}

/** A sign-in that does not say all groups is refused, never read as "no groups": a deny could hang on one. */
function requireGroups(person: Person): void {
  if (person.groups_state === "complete") return;
  if (person.groups_state === "missing") {
    throw new Refusal("groups.missing", "Your sign-in said nothing about your groups, so nothing can be decided.", {
      help: "Ask who keeps the sign-in provider to put the groups claim into the id_token for Roletrail.",
    });
  }
  throw new Refusal("groups.overage", "You are in more groups than your sign-in provider lists.", {
    help: "Ask who keeps the sign-in provider to send only the groups that Roletrail uses.",
  });
}

/** Account id of a role's ARN. */
export const accountOf = (arn: string): string => arn.split(":")[4] ?? "";

/** Name of a role from its ARN, without its path. */
export const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

function inWords(seconds: number): string {
  const hours = seconds / 3600;
  if (Number.isInteger(hours)) return hours === 1 ? "1 hour" : `${hours} hours`;
  return seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
}
