import type { Account, Organisation } from "./state.ts";

/** One HTTP request as it reached the sandbox's AWS port. */
export interface AwsRequest {
  readonly method: string;
  /** Path and query, exactly as sent. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly ip: string;
  readonly host: string;
}

export interface AwsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Who signed a call, as its access key (and session token) prove. */
export type Caller = UserCaller | RootCaller | RoleCaller | FederatedCaller;

interface CallerBase {
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
  /** What `aws:userid` and GetCallerIdentity say. */
  readonly userId: string;
  readonly accessKeyId: string;
  /** Absent for long-term keys. */
  readonly session?: Session;
}

export interface UserCaller extends CallerBase {
  readonly type: "IAMUser";
  readonly userName: string;
}

export interface RootCaller extends CallerBase {
  readonly type: "Root";
}

export interface RoleCaller extends CallerBase {
  readonly type: "AssumedRole";
  readonly roleName: string;
  readonly session: Session;
}

export interface FederatedCaller extends CallerBase {
  readonly type: "FederatedUser";
  /** The IAM user who made it; its policies bound the session. */
  readonly userName: string;
  readonly session: Session;
}

/** What a session token carries. Times are whole seconds since 1970, as AWS keeps them. */
export interface Session {
  readonly kind: "role" | "session-token" | "federation-token";
  readonly accessKeyId: string;
  readonly account: string;
  /** Role name, user name, or `<root>`; for a federated user the IAM user who made it. */
  readonly of: string;
  /** AROA…, AIDA… of `of`. */
  readonly ofId: string;
  /** RoleSessionName or the federated user's Name; empty for GetSessionToken. */
  readonly name: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
  /** Session policies as JSON text, and managed ones by ARN (read when used). */
  readonly policies: readonly string[];
  readonly policyArns: readonly string[];
  /** 0 when made with long-term keys or a web identity; one more for each role before it. */
  readonly depth: number;
  /** When the MFA code was given, seconds. */
  readonly mfaAt?: number;
  /** ARN of the OIDC provider, its audience and subject, when made by AssumeRoleWithWebIdentity. */
  readonly web?: { readonly provider: string; readonly audience: string; readonly subject: string };
}

export interface TraceResource {
  readonly type?: string;
  readonly ARN: string;
  readonly accountId?: string;
}

/** JSON as it goes into a CloudTrail record. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/**
 * What a call leaves in the trail beside what the dispatch knows (who, when, from where, error). The dispatch fills it
 * with what the parameters say; a handler corrects it as it goes, so that a call that throws is recorded too.
 */
export interface Trace {
  /** Where the record's eventName is not the action's (`ListObjectsV2` is recorded as ListObjects). */
  eventName?: string;
  readOnly: boolean;
  /** Null in the record whatever is here when a query or JSON service denies the call (facts of real denials). */
  requestParameters: JsonObject | null;
  responseElements: JsonObject | null;
  resources?: TraceResource[];
  additionalEventData?: JsonObject;
  category: "Management" | "Data";
  /** Another account that owns what was touched: it gets its own copy under one sharedEventID. */
  owner?: string;
}

/** One verified call to one service: what every handler is handed. */
export interface Call {
  readonly service: string;
  /** `PutRolePolicy` */
  readonly action: string;
  /** Parameters of the query protocol by flat name, `Tags.member.1.Key`; empty for JSON and REST services. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly request: AwsRequest;
  readonly caller: Caller;
  /** The caller's account. */
  readonly account: Account;
  readonly organisation: Organisation;
  readonly region: string;
  readonly now: Date;
  readonly requestId: string;
  readonly trace: Trace;
  /**
   * Asks the evaluator whether the caller may do this.
   * @throws AwsError AccessDenied in AWS's words.
   */
  readonly authorize: (ask: Ask) => void;
  /** Keeps the changed organisation (atomically, before the answer leaves). */
  readonly save: () => void;
}

export interface Ask {
  /** `iam:PutRolePolicy` */
  readonly action: string;
  /** ARN of what is touched, or `*`. */
  readonly resource: string;
  /** Twelve digits; the caller's own when absent. */
  readonly resourceAccount?: string;
  /** Resource policy as JSON text (bucket policy). */
  readonly resourcePolicy?: string;
  /** Condition keys beside the global ones: `iam:PolicyARN`, `s3:prefix`, `aws:RequestTag/team`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** A service: `iam` answers with the whole XML document, `cloudtrail` with JSON. */
export type ServiceHandler = (call: Call) => AwsReply | Promise<AwsReply>;

/** An error as AWS words it. The dispatch renders it in the protocol of the service and records it. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
  }
}
