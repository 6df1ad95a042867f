import { randomBytes } from "node:crypto";
import type { Account, Organisation, Role, User } from "#/sandbox/aws/state.ts";
import {
  type AccountKey,
  accountNames,
  accounts,
  githubIssuer,
  homeRegion,
  organisationId,
  roletrailIssuer,
  trailBucket,
  trailName,
} from "./accounts.ts";
import { buckets } from "./buckets.ts";
import { awsManaged, policy } from "./policies.ts";
import { awsId, Random } from "./random.ts";
import type { RoleSpec } from "./role-spec.ts";
import { roles } from "./roles.ts";
import { type UserSpec, users } from "./users.ts";

/**
 * What AWS itself would hold. Ids depend on the names alone, so they are the same in every world; secrets of keys and
 * seeds of MFA devices are drawn anew for each world, because they open something.
 */
export function organisation(): Organisation {
  return {
    id: organisationId,
    logArchiveAccount: accounts.security,
    trailName,
    trailBucket,
    homeRegion,
    accounts: accountKeys.map(account),
  };
}

const accountKeys = [
  "orgRoot",
  "security",
  "prodWeb",
  "prodData",
  "staging",
  "playground",
  "backup",
  "vendor",
] as const;

/** `AROA…`: the same for a role in aws.json and in the trail. */
export const roleId = (account: AccountKey, name: string): string =>
  awsId(new Random("role", accounts[account], name), "AROA");

export const userId = (account: AccountKey, name: string): string =>
  awsId(new Random("user", accounts[account], name), "AIDA");

/** The long-term keys of a user, `AKIA…`. */
export const longTermKey = (account: AccountKey, name: string, index = 0): string =>
  awsId(new Random("key", accounts[account], name, index), "AKIA");

export const userArn = (account: AccountKey, name: string): string =>
  `arn:aws:iam::${accounts[account]}:user${users.find((user) => user.account === account && user.name === name)?.path ?? "/"}${name}`;

export const mfaSerial = (account: AccountKey, name: string): string => `arn:aws:iam::${accounts[account]}:mfa/${name}`;

function account(key: AccountKey): Account {
  const own = roles.filter((role) => role.account === key);
  const people = users.filter((user) => user.account === key);
  const attached = new Set([...own, ...people].flatMap((holder) => holder.attached ?? []));
  return {
    id: accounts[key],
    name: accountNames[key],
    ...(key === "vendor" ? { outside: true } : {}),
    roles: own.map(role),
    users: people.map(user),
    managedPolicies: [...attached].map((arn) => ({
      arn,
      name: arn.slice(arn.lastIndexOf("/") + 1),
      document: awsManaged[arn] ?? policy(),
    })),
    oidcProviders: providers(key),
    buckets: buckets
      .filter((bucket) => bucket.account === key)
      .map(({ name, policy: document }) => ({
        name,
        region: homeRegion,
        createdAt: "2022-05-17T09:00:00Z",
        ...(document === undefined ? {} : { policy: document }),
      })),
    eventSelectors: [
      { ReadWriteType: "All", IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] },
    ],
  };
}

function providers(key: AccountKey): Account["oidcProviders"] {
  if (key === "vendor") return [];
  const ours = { url: roletrailIssuer, clientIds: ["sts.amazonaws.com"], thumbprints: [thumbprint(roletrailIssuer)] };
  if (key !== "prodWeb" && key !== "staging") return [ours];
  return [ours, { url: githubIssuer, clientIds: ["sts.amazonaws.com"], thumbprints: [thumbprint(githubIssuer)] }];
}

const thumbprint = (host: string): string => new Random("thumbprint", host).hex(40);

function role(spec: RoleSpec): Role {
  const random = new Random("created", spec.account, spec.name);
  return {
    name: spec.name,
    path: spec.path ?? "/",
    id: roleId(spec.account, spec.name),
    createdAt: `202${random.int(2, 5)}-0${random.int(1, 9)}-1${random.int(0, 9)}T0${random.int(7, 9)}:${random.int(10, 59)}:00Z`,
    description: spec.description,
    maxSessionSeconds: spec.maxSeconds ?? 3600,
    trustPolicy: policy(...spec.trust),
    inlinePolicies: documents(spec.inline),
    attachedPolicyArns: [...(spec.attached ?? [])],
    tags: { ...spec.tags },
  };
}

function user(spec: UserSpec): User {
  return {
    name: spec.name,
    path: spec.path ?? "/",
    id: userId(spec.account, spec.name),
    createdAt: spec.created,
    inlinePolicies: documents(spec.inline),
    attachedPolicyArns: [...(spec.attached ?? [])],
    tags: {},
    accessKeys: Array.from({ length: spec.keys }, (_, index) => ({
      id: longTermKey(spec.account, spec.name, index),
      secret: randomBytes(30).toString("base64"),
      active: true,
      createdAt: spec.created,
    })),
    mfaDevices: spec.mfa === true ? [{ serial: mfaSerial(spec.account, spec.name), seed: mfaSeed() }] : [],
  };
}

const documents = (inline: RoleSpec["inline"]): Record<string, string> =>
  Object.fromEntries(Object.entries(inline ?? {}).map(([name, statements]) => [name, policy(...statements)]));

/** 160 bits in base 32, as authenticator apps take them. */
function mfaSeed(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return Array.from(randomBytes(32), (byte) => alphabet.charAt(byte & 31)).join("");
}
