import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";

/** CloudTrail records as AWS writes them, for tests of the facts. */
export type AwsRecord = Record<string, unknown>;

const home = "111122223333";
let number = 0;

/** Seconds after 09:00 on one day. */
export const at = (seconds: number): string =>
  new Date(Date.UTC(2026, 10, 20, 9, 0, 0) + seconds * 1_000).toISOString().replace(".000Z", "Z");

export const roleArn = (name: string, account = home): string => `arn:aws:iam::${account}:role/${name}`;

export const user = (name: string, key: string | null = `AKIA${name.toUpperCase()}`, account = home): AwsRecord => ({
  type: "IAMUser",
  principalId: `AIDA${name.toUpperCase()}`,
  arn: `arn:aws:iam::${account}:user/${name}`,
  accountId: account,
  ...(key === null ? {} : { accessKeyId: key }),
  userName: name,
});

/** A user's temporary credentials: still IAMUser, another key, a creationDate. */
export const userSession = (name: string, key: string, created: number): AwsRecord => ({
  ...user(name, key),
  sessionContext: { attributes: { creationDate: at(created), mfaAuthenticated: "true" } },
});

export const roleSession = (
  role: string,
  session: string,
  key: string | null,
  created: number | null,
  account = home,
): AwsRecord => ({
  type: "AssumedRole",
  principalId: `AROA${role.toUpperCase()}:${session}`,
  arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
  accountId: account,
  ...(key === null ? {} : { accessKeyId: key }),
  sessionContext: {
    sessionIssuer: { type: "Role", principalId: `AROA${role.toUpperCase()}`, arn: roleArn(role, account) },
    ...(created === null ? {} : { attributes: { creationDate: at(created), mfaAuthenticated: "false" } }),
  },
});

export const service = (name: string): AwsRecord => ({ type: "AWSService", invokedBy: name });

export function call(identity: AwsRecord, seconds: number, more: AwsRecord = {}): AwsRecord {
  number += 1;
  return {
    eventVersion: "1.11",
    userIdentity: identity,
    eventTime: at(seconds),
    eventSource: "ec2.amazonaws.com",
    eventName: "DescribeInstances",
    awsRegion: "us-east-1",
    sourceIPAddress: "203.0.113.24",
    userAgent: "aws-cli/2.31",
    requestParameters: null,
    responseElements: null,
    eventID: `event-${String(number).padStart(5, "0")}`,
    readOnly: true,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: identity["accountId"] ?? home,
    eventCategory: "Management",
    ...more,
  };
}

interface Issue {
  readonly role: string;
  readonly session: string;
  readonly key: string;
  readonly account?: string;
  readonly more?: AwsRecord;
  readonly request?: AwsRecord;
}

export function assumeRole(identity: AwsRecord, seconds: number, issue: Issue): AwsRecord {
  const account = issue.account ?? home;
  return call(identity, seconds, {
    eventSource: "sts.amazonaws.com",
    eventName: "AssumeRole",
    requestParameters: {
      roleArn: roleArn(issue.role, account),
      roleSessionName: issue.session,
      durationSeconds: 3600,
      ...issue.request,
    },
    responseElements: {
      credentials: { accessKeyId: issue.key, sessionToken: "IQoJb3JpZ2lu", expiration: expiration(seconds + 3600) },
      assumedRoleUser: {
        assumedRoleId: `AROA${issue.role.toUpperCase()}:${issue.session}`,
        arn: `arn:aws:sts::${account}:assumed-role/${issue.role}/${issue.session}`,
      },
    },
    resources: [{ ARN: roleArn(issue.role, account), accountId: account, type: "AWS::IAM::Role" }],
    ...issue.more,
  });
}

/** As AWS refuses: no parameters, no resources; the role is in the sentence alone. */
export const assumeRoleDenied = (identity: AwsRecord, seconds: number, role: string, because = ""): AwsRecord =>
  call(identity, seconds, {
    eventSource: "sts.amazonaws.com",
    eventName: "AssumeRole",
    errorCode: "AccessDenied",
    errorMessage: `User: ${String(identity["arn"])} is not authorized to perform: sts:AssumeRole on resource: ${role}${because}`,
  });

/** `Nov 20, 2026, 10:00:00 AM`, as STS's records say it. */
export function expiration(seconds: number): string {
  const date = new Date(Date.UTC(2026, 10, 20, 9, 0, 0) + seconds * 1_000);
  const hour = date.getUTCHours();
  const two = (value: number): string => String(value).padStart(2, "0");
  const month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][
    date.getUTCMonth()
  ];
  return `${month} ${date.getUTCDate()}, ${date.getUTCFullYear()}, ${hour % 12 === 0 ? 12 : hour % 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hour < 12 ? "AM" : "PM"}`;
}

/** Files of records in CloudTrail's layout, in a folder of their own; one file for each list. */
export function trailOf(...files: readonly (readonly AwsRecord[])[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), "roletrail-records-"));
  for (const [place, records] of files.entries()) writeFile(folder, place, records);
  return folder;
}

export function writeFile(folder: string, place: number, records: readonly AwsRecord[]): void {
  const day = path.join(folder, `AWSLogs/${home}/CloudTrail/us-east-1/2026/11/20`);
  mkdirSync(day, { recursive: true });
  const name = `${home}_CloudTrail_us-east-1_20261120T0905Z_${String(place).padStart(16, "a")}.json.gz`;
  writeFileSync(path.join(day, name), gzipSync(JSON.stringify({ Records: records })));
}
