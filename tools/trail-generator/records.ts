import { isoOf, localeOf } from "#/sandbox/story/clock.ts";
import type { Random } from "#/sandbox/story/random.ts";

/** Text of records, put together by hand: nothing in them needs escaping, and JSON.stringify would double the time. */
export interface Place {
  readonly account: string;
  readonly region: string;
  /** Epoch seconds. */
  readonly at: number;
}

export interface Where {
  readonly ip: string;
  readonly agent: string;
}

export interface Action {
  readonly source: string;
  readonly name: string;
  readonly readOnly: boolean;
  readonly parameters: string;
  readonly response?: string;
}

export function record(
  identity: string,
  action: Action,
  place: Place,
  where: Where,
  random: Random,
  more = "",
): string {
  const { source, name, readOnly, parameters, response = "null" } = action;
  return `{"eventVersion":"1.09","userIdentity":${identity},"eventTime":"${isoOf(place.at)}","eventSource":"${source}.amazonaws.com","eventName":"${name}","awsRegion":"${place.region}","sourceIPAddress":"${where.ip}","userAgent":"${where.agent}",${more}"requestParameters":${parameters},"responseElements":${response},"requestID":"${random.uuid()}","eventID":"${random.uuid()}","readOnly":${readOnly},"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"${place.account}","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"${source}.${place.region}.amazonaws.com"}}`;
}

export interface BenchSession {
  readonly account: string;
  readonly role: string;
  readonly roleName: string;
  readonly roleId: string;
  readonly name: string;
  readonly key: string;
  readonly created: number;
  readonly sourceIdentity?: string;
}

export function assumedRole(session: BenchSession, key = session.key): string {
  const { account, role, roleName, roleId, name, created, sourceIdentity } = session;
  const identity = sourceIdentity === undefined ? "" : `,"sourceIdentity":"${sourceIdentity}"`;
  return `{"type":"AssumedRole","principalId":"${roleId}:${name}","arn":"arn:aws:sts::${account}:assumed-role/${roleName}/${name}","accountId":"${account}","accessKeyId":"${key}","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"${roleId}","arn":"${role}","accountId":"${account}","userName":"${roleName}"},"webIdFederationData":{},"attributes":{"creationDate":"${isoOf(created)}","mfaAuthenticated":"false"}${identity}}}`;
}

export const iamUser = (user: { account: string; name: string; id: string }, key: string, created?: number): string =>
  `{"type":"IAMUser","principalId":"${user.id}","arn":"arn:aws:iam::${user.account}:user/${user.name}","accountId":"${user.account}","accessKeyId":"${key}","userName":"${user.name}"${
    created === undefined
      ? ""
      : `,"sessionContext":{"sessionIssuer":{},"webIdFederationData":{},"attributes":{"creationDate":"${isoOf(created)}","mfaAuthenticated":"true"}}`
  }}`;

export const service = (name: string): string => `{"type":"AWSService","invokedBy":"${name}.amazonaws.com"}`;

const tokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** What STS answers: the token is as long and as incompressible as the real one. */
export function issued(session: BenchSession, seconds: number, random: Random): string {
  const expires = localeOf(session.created + seconds);
  const identity = session.sourceIdentity === undefined ? "" : `,"sourceIdentity":"${session.sourceIdentity}"`;
  return `{"credentials":{"accessKeyId":"${session.key}","sessionToken":"${random.text(tokenAlphabet, 340)}","expiration":"${expires}"},"assumedRoleUser":{"assumedRoleId":"${session.roleId}:${session.name}","arn":"arn:aws:sts::${session.account}:assumed-role/${session.roleName}/${session.name}"},"packedPolicySize":6${identity}}`;
}

export const roleResource = (arn: string, account: string): string =>
  `"resources":[{"accountId":"${account}","type":"AWS::IAM::Role","ARN":"${arn}"}],`;
