import { z } from "zod";

/** Shapes of the HTTP API and of the functions' invokes: JSON snake_case; AWS credential shapes keep AWS's case. */
export const iso = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/, "a time is written 2026-11-21T09:30:00Z");

export const RoleArn = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/);

/** What the cookie holds to open the vault: the reader is who signed in, not whom web names. */
export const Ticket = z.strictObject({ sid: z.string().min(16).max(64), key: z.string().min(43).max(43) });
export type Ticket = z.infer<typeof Ticket>;

export const MintRequest = z.strictObject({
  role: RoleArn,
  seconds: z.int().min(1).max(129_600),
  reason: z.string().max(256).optional(),
  session_policy: z.string().max(2048).optional(),
  console: z.boolean().optional(),
});
export type MintRequest = z.infer<typeof MintRequest>;

/** AWS's own case for what SDKs read; the rest is ours. */
export const Minted = z.object({
  mint_id: z.string(),
  role: z.string(),
  session_name: z.string(),
  credentials: z.object({
    AccessKeyId: z.string(),
    SecretAccessKey: z.string(),
    SessionToken: z.string(),
    Expiration: z.string(),
  }),
  issued_at: iso,
  packed_policy_size: z.number().nullable(),
  /** How long it lasts, as asked. */
  seconds: z.number(),
  console_url: z.string().optional(),
  /** Why there is no console link although one was asked for. The credentials work. */
  console_problem: z.string().optional(),
  region: z.string(),
  /** Where AWS is, when it is not at its own addresses (the sandbox): the formats hand it on as AWS_ENDPOINT_URL. */
  endpoint_url: z.string().optional(),
});
export type Minted = z.infer<typeof Minted>;

export const RevokeRequest = z.strictObject({ role: RoleArn, reason: z.string().min(1).max(256) });
export type RevokeRequest = z.infer<typeof RevokeRequest>;

export const revocationStates = ["waiting", "bitten", "denied-otherwise", "quiet", "expired", "leaked"] as const;

export const Revocation = z.object({
  revocation_id: z.string(),
  scope: z.literal("role"),
  role: z.string(),
  asked_by: z.string(),
  asked_by_name: z.string(),
  reason: z.string(),
  asked_at: iso,
  cutoff: iso,
  /** The role mints again from this time on: cutoff + 1 s. */
  frozen_until: iso,
  stored_at: iso.nullable(),
  read_back_at: iso.nullable(),
  policy_name: z.string(),
  policy: z.string(),
  failure: z.string().nullable(),
  /** How many sessions were live when it was asked. */
  hits: z.number(),
});
export type Revocation = z.infer<typeof Revocation>;

export const RevokedSession = z.object({
  session_id: z.string(),
  access_key_id: z.string().nullable(),
  origin: z.string(),
  caller: z.string(),
  session_name: z.string().nullable(),
  person_name: z.string().nullable(),
  issued_at: iso.nullable(),
  expires_at: iso.nullable(),
  last_call_at: iso.nullable(),
  state: z.enum(revocationStates),
  /** The call that decided the state, when there is one. */
  evidence: z
    .object({
      event_id: z.string(),
      happened_at: iso,
      name: z.string(),
      source: z.string(),
      error_message: z.string().nullable(),
    })
    .nullable(),
});
export type RevokedSession = z.infer<typeof RevokedSession>;

/** A question's answer. Rows are objects of JSON values; lists are arrays, times ISO, absent is null. */
export const Answer = z.object({
  question: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  /** Looked at as a list only: the engine made each row under its question's header, and a page may have 2,000. */
  rows: z.custom<Record<string, unknown>[]>(Array.isArray),
  complete_up_to: iso.nullable(),
  since: iso.nullable(),
  until: iso.nullable(),
  accounts: z.number(),
  events: z.number(),
  /** What the engine read for it, or could have read at most. */
  bytes: z.number(),
  /** What AWS charges for it; 0 on a laptop, and where the answer was kept. */
  dollars: z.number(),
  /** Athena's QueryExecutionId, of the kept answer too; null on a laptop. */
  query_id: z.string().nullable(),
  milliseconds: z.number(),
  cached: z.boolean(),
  sql: z.string(),
});
export type Answer = z.infer<typeof Answer>;

export const AskRequest = z.strictObject({
  question: z.string().regex(/^[a-z0-9-]{1,60}$/),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).default({}),
  /** A page's panel answers at most 2,000 rows and refuses more; `whole` answers all (CSV, ask). */
  whole: z.boolean().default(false),
});
export type AskRequest = z.infer<typeof AskRequest>;

/** Hand-written SQL of an auditor: one SELECT over the facts. */
export const SqlRequest = z.strictObject({ sql: z.string().min(1).max(20_000) });
export type SqlRequest = z.infer<typeof SqlRequest>;
