/**
 * The one enumeration of what Roletrail refuses, used by pages, the API, the CLI and `docs/refusals.md`.
 *
 * A refusal is for the person: a code from this table, a plain sentence, and what would help. Anything else that goes
 * wrong is a fault: it is logged with an id and only the id is shown (`Fault`).
 */
// biome-ignore format: the columns are the point
export const refusals = {
  "request.invalid":      { status: 400, title: "The request is not of the right form" },
  "request.method":       { status: 405, title: "The address does not take this method" },
  "request.origin":       { status: 403, title: "The request came from another site" },
  "request.too-large":    { status: 413, title: "The request is too large" },
  "request.repeated":     { status: 409, title: "The same request was made before" },
  "signin.required":      { status: 401, title: "Nobody is signed in" },
  "signin.expired":       { status: 401, title: "The sign-in has ended" },
  "signin.failed":        { status: 401, title: "The sign-in did not complete" },
  "signin.provider":      { status: 503, title: "The sign-in provider does not answer" },
  "signin.other-person":  { status: 409, title: "Somebody else is signed in at the company" },
  "groups.missing":       { status: 403, title: "The sign-in carries no groups" },
  "groups.overage":       { status: 403, title: "The sign-in carries too many groups to list them" },
  "groups.ids":           { status: 403, title: "The sign-in names groups by ids that nobody gave a meaning" },
  "proof.missing":        { status: 401, title: "The request carries no proof" },
  "proof.header":         { status: 401, title: "The proof has the wrong header" },
  "proof.token":          { status: 401, title: "The id_token behind the proof was not accepted" },
  "proof.azp":            { status: 401, title: "The id_token was issued for another client" },
  "proof.nonce":          { status: 401, title: "The proof's key is not the one of the sign-in" },
  "proof.signature":      { status: 401, title: "The proof's signature is wrong" },
  "proof.request":        { status: 401, title: "The proof was made for another request" },
  "proof.stale":          { status: 401, title: "The proof is too old" },
  "proof.spent":          { status: 401, title: "The proof was used before" },
  "role.unknown":         { status: 404, title: "No such role for you" },
  "role.frozen":          { status: 409, title: "The role does not mint just now" },
  "role.identity-center": { status: 422, title: "Identity Center roles cannot be revoked in IAM" },
  "role.service-linked":  { status: 422, title: "Service-linked roles cannot be revoked" },
  "reason.missing":       { status: 422, title: "The role asks for a reason" },
  "duration.too-long":    { status: 422, title: "The duration is over the cap" },
  "duration.too-short":   { status: 422, title: "The duration is under 15 minutes" },
  "policy.invalid":       { status: 422, title: "The session policy was not accepted" },
  "policy.too-large":     { status: 422, title: "The policy does not fit" },
  "sts.refused":          { status: 422, title: "AWS refused the request" },
  "sts.unreachable":      { status: 503, title: "AWS does not answer" },
  "mint.withheld":        { status: 409, title: "The credentials were destroyed unseen" },
  "mint.busy":            { status: 429, title: "Too many requests just now" },
  "issuer.unpublished":   { status: 409, title: "Roletrail's issuer is not published" },
  "account.none":         { status: 409, title: "No AWS account is connected" },
  "revocation.unknown":   { status: 404, title: "No such revocation for you" },
  "revocation.failed":    { status: 422, title: "The policy could not be written" },
  "session.unknown":      { status: 404, title: "No such session for you" },
  "question.unknown":     { status: 404, title: "No such question for you" },
  "question.params":      { status: 400, title: "The question's parameters are not right" },
  "sql.refused":          { status: 422, title: "The SQL was not run" },
  "trail.too-big":        { status: 422, title: "The answer has more rows than a panel shows" },
  "trail.none":           { status: 503, title: "No trail is connected" },
  "trail.starting":       { status: 503, title: "The trail is being read" },
  "trail.cut-off":        { status: 422, title: "The question would read more than it may" },
  "trail.busy":           { status: 429, title: "Too many questions just now" },
  "trail.timeout":        { status: 504, title: "The question took too long" },
  "access.invalid":       { status: 500, title: "The access file is not valid" },
  "access.unread":        { status: 503, title: "The access file cannot be read" },
  "access.swapped":       { status: 503, title: "The access file is not the one that was deployed" },
  "config.invalid":       { status: 500, title: "The configuration is not valid" },
  "store.busy":           { status: 503, title: "The store is asked for too much just now" },
  "store.down":           { status: 503, title: "The store does not answer" },
  "ledger.behind":        { status: 503, title: "The ledger ends before what was anchored of it" },
  "ledger.unanchored":    { status: 503, title: "The ledger's anchors cannot be read" },
  "functions.down":       { status: 503, title: "The functions do not answer" },
  "not.found":            { status: 404, title: "Nothing is here" },
} as const satisfies Record<string, { status: number; title: string }>;

export type RefusalCode = keyof typeof refusals;

export const isRefusalCode = (code: string): code is RefusalCode => Object.hasOwn(refusals, code);

/**
 * What is said no to, and why. `detail` is a plain sentence; `help` says what would help; `until` is an ISO time;
 * `first_id` is what an equal request made before; `cost` is what a question had cost when it was stopped.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly help: string | undefined;
  readonly until: string | undefined;
  readonly first_id: string | undefined;
  readonly cost: SpentCost | undefined;

  constructor(code: RefusalCode, detail: string, more: RefusalMore = {}) {
    super(detail);
    this.name = "Refusal";
    this.code = code;
    this.help = more.help;
    this.until = more.until;
    this.first_id = more.first_id;
    this.cost = more.cost;
  }

  get status(): number {
    return refusals[this.code].status;
  }
}

export interface RefusalMore {
  readonly help?: string;
  readonly until?: string;
  readonly first_id?: string;
  readonly cost?: SpentCost;
}

/** Bytes read, what AWS charges for them, and by which id AWS's own pages find the query. */
export interface SpentCost {
  readonly bytes: number;
  readonly dollars: number;
  readonly query_id: string | null;
}

/** Something broke. Only the id reaches a person; the log has the rest under it. */
export class Fault extends Error {
  readonly id: string;

  constructor(id: string) {
    super(`Something broke on our side (${id}).`);
    this.name = "Fault";
    this.id = id;
  }
}

/** RFC 9457 `application/problem+json`. `id` names this answer in the log. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: RefusalCode | "fault";
  readonly detail: string;
  readonly help?: string;
  readonly until?: string;
  readonly first_id?: string;
  readonly cost?: SpentCost;
  readonly id: string;
}

export function problemOf(error: Refusal | Fault, id: string): Problem {
  if (error instanceof Fault) {
    const detail = "Something broke on our side. What you sent was not lost if you still see it.";
    return { type: "about:blank", title: "Fault", status: 500, code: "fault", detail, id: error.id };
  }
  return {
    type: `https://roletrail.dev/refusals#${error.code}`,
    title: refusals[error.code].title,
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(error.help === undefined ? {} : { help: error.help }),
    ...(error.until === undefined ? {} : { until: error.until }),
    ...(error.first_id === undefined ? {} : { first_id: error.first_id }),
    ...(error.cost === undefined ? {} : { cost: error.cost }),
    id,
  };
}
