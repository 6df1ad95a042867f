import { randomUUID } from "node:crypto";
import type { AwsRequest, Caller, Json, JsonObject, Session, Trace } from "./call.ts";
import { accountNamed, roleArnOf, roleNamed, userArnOf, userNamed } from "./find.ts";
import type { Organisation } from "./state.ts";

/** One call as it happened, answered or refused. */
export interface Happening {
  /** `sts.amazonaws.com` */
  readonly source: string;
  readonly name: string;
  readonly region: string;
  readonly request: AwsRequest;
  readonly requestId: string;
  readonly at: Date;
  readonly trace: Trace;
  readonly identity: JsonObject;
  /** Who gets the record; the owner in the trace gets a copy of its own. */
  readonly account: string;
  readonly error?: { readonly code: string; readonly message: string };
  /** `AwsApiCall` unless it is a sign-in. */
  readonly eventType?: string;
}

export interface DeliveredRecord {
  readonly account: string;
  readonly region: string;
  readonly record: JsonObject;
}

/** The CloudTrail records of one call: one, or two under one sharedEventID when another account owns what was touched. */
export function recordsOf(happening: Happening, strangerIdentity: JsonObject): DeliveredRecord[] {
  const { account, region, trace } = happening;
  const own = recordOf(happening, account, happening.identity);
  // A refused call is told to the caller's account only (no copy of a denial was found in any public log).
  if (trace.owner === undefined || trace.owner === account || happening.error !== undefined)
    return [{ account, region, record: own }];
  const sharedEventID = randomUUID();
  const theirs = recordOf(happening, trace.owner, strangerIdentity);
  return [
    { account, region, record: { ...own, sharedEventID } },
    { account: trace.owner, region, record: { ...theirs, sharedEventID } },
  ];
}

/** `2026-11-21T09:30:00Z`: CloudTrail's times are whole seconds. */
export const wholeSecond = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

/** CloudTrail's `userIdentity` of a signed call. */
export function identityOf(organisation: Organisation, caller: Caller): JsonObject {
  const context = caller.session === undefined ? undefined : sessionContextOf(organisation, caller, caller.session);
  const sessionContext = context === undefined ? {} : { sessionContext: context };
  return {
    type: caller.type,
    principalId: caller.userId,
    arn: caller.arn,
    accountId: caller.account,
    accessKeyId: caller.accessKeyId,
    ...(caller.type === "IAMUser" ? { userName: caller.userName } : {}),
    ...sessionContext,
  };
}

/** How the other account sees the caller: no ARN and no key. */
export const strangerOf = (caller: Caller): JsonObject => ({
  type: "AWSAccount",
  principalId: caller.userId,
  accountId: caller.account,
});

function sessionContextOf(organisation: Organisation, caller: Caller, session: Session): JsonObject {
  const issuer = issuerOf(organisation, caller);
  return {
    ...(issuer === undefined ? {} : { sessionIssuer: issuer }),
    ...(session.web === undefined
      ? {}
      : { webIdFederationData: { federatedProvider: session.web.provider, attributes: {} } }),
    attributes: {
      creationDate: wholeSecond(new Date(session.issuedAt * 1000)),
      mfaAuthenticated: String(session.mfaAt !== undefined),
    },
    ...(session.sourceIdentity === undefined ? {} : { sourceIdentity: session.sourceIdentity }),
  };
}

/** GetSessionToken's sessions have no issuer: the user goes on as itself under a new key. */
function issuerOf(organisation: Organisation, caller: Caller): JsonObject | undefined {
  const account = accountNamed(organisation, caller.account);
  if (account === undefined) return undefined;
  if (caller.type === "AssumedRole") {
    const role = roleNamed(account, caller.roleName);
    const arn = role === undefined ? caller.arn : roleArnOf(account, role);
    return { type: "Role", principalId: caller.session.ofId, arn, accountId: account.id, userName: caller.roleName };
  }
  if (caller.type !== "FederatedUser") return undefined;
  const user = userNamed(account, caller.userName);
  const arn = user === undefined ? caller.arn : userArnOf(account, user);
  return { type: "IAMUser", principalId: caller.session.ofId, arn, accountId: account.id, userName: caller.userName };
}

function recordOf(happening: Happening, recipient: string, identity: JsonObject): Record<string, Json> {
  const { trace, request, error } = happening;
  const isData = trace.category === "Data";
  return {
    eventVersion: "1.11",
    userIdentity: identity,
    eventTime: wholeSecond(happening.at),
    eventSource: happening.source,
    eventName: happening.name,
    awsRegion: happening.region,
    sourceIPAddress: request.ip,
    userAgent: request.headers["user-agent"] ?? "-",
    ...(error === undefined ? {} : { errorCode: error.code, errorMessage: error.message }),
    requestParameters: trace.requestParameters,
    responseElements: error === undefined ? trace.responseElements : null,
    ...(trace.additionalEventData === undefined ? {} : { additionalEventData: trace.additionalEventData }),
    requestID: happening.requestId,
    eventID: randomUUID(),
    readOnly: trace.readOnly,
    ...(trace.resources === undefined ? {} : { resources: trace.resources.map(resourceOf) }),
    eventType: happening.eventType ?? "AwsApiCall",
    managementEvent: !isData,
    recipientAccountId: recipient,
    eventCategory: trace.category,
    // The host is the one the caller named; version and suite are those of AWS's own endpoints, for which loopback stands.
    tlsDetails: {
      tlsVersion: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      clientProvidedHostHeader: request.host,
    },
  };
}

const resourceOf = (resource: { type?: string; ARN: string; accountId?: string }): JsonObject => ({
  ...(resource.accountId === undefined ? {} : { accountId: resource.accountId }),
  ...(resource.type === undefined ? {} : { type: resource.type }),
  ARN: resource.ARN,
});
