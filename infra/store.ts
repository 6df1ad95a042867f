/// <reference path="../.sst/platform/config.d.ts" />

/**
 * The store of core/store, in two tables of one shape (docs/decisions/0200). PITR is SST's default and held by a test:
 * any second of the last 35 days.
 */
const shape = {
  fields: { partition: "string", sort: "string" },
  primaryIndex: { hashKey: "partition", rangeKey: "sort" },
  deletionProtection: true,
} as const;

/** Vault, leases, freezes, people. A row's end is judged in code; the TTL only tidies, an hour later. */
export const state = new sst.aws.Dynamo("State", { ...shape, ttl: "ttl" });

/** No TTL, so that no attribute makes DynamoDB delete an entry; no role may update or delete here. */
export const ledger = new sst.aws.Dynamo("Ledger", shape);

/**
 * Keys that several functions need and web must not have: person (who is who), MAC. Put in once by hand (docs/onboarding.md),
 * kept out of environments, which everybody with lambda:GetFunctionConfiguration can read.
 */
export const keys = new aws.secretsmanager.Secret("FunctionKeys", {
  name: `roletrail-${$app.stage}-keys`,
  description: "Roletrail: person key and MAC key, as JSON {person, mac}. Back it up: the person key never rotates.",
  recoveryWindowInDays: 30,
});
