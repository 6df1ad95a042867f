import { z } from "zod";

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
