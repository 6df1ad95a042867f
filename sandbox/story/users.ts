import { type AccountKey, accounts } from "./accounts.ts";
import { allow, mayAssume, type Statement } from "./policies.ts";

/** An IAM user of the story; `keys` is how many long-term keys it holds. */
export interface UserSpec {
  readonly account: AccountKey;
  readonly name: string;
  readonly path?: string;
  readonly keys: number;
  readonly mfa?: boolean;
  readonly created: string;
  readonly inline?: Readonly<Record<string, readonly Statement[]>>;
  readonly attached?: readonly string[];
}

const mfaOnly: Statement = {
  Sid: "OnlyWithMfa",
  Effect: "Deny",
  NotAction: ["sts:GetSessionToken", "iam:ListMFADevices"],
  Resource: "*",
  Condition: { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } },
};

export const users: readonly UserSpec[] = [
  {
    account: "security",
    name: "roletrail-functions",
    keys: 1,
    created: "2025-02-03T08:12:00Z",
    inline: {
      Roles: [mayAssume("arn:aws:iam::*:role/RoletrailBroker", "arn:aws:iam::*:role/RoletrailRevoker")],
    },
  },
  {
    account: "playground",
    name: "outside-admin",
    keys: 1,
    created: "2025-02-03T08:40:00Z",
    attached: ["arn:aws:iam::aws:policy/AdministratorAccess"],
  },
  {
    account: "orgRoot",
    name: "break-glass",
    keys: 1,
    mfa: true,
    created: "2022-05-16T10:00:00Z",
    attached: ["arn:aws:iam::aws:policy/AdministratorAccess"],
    inline: { Guard: [mfaOnly] },
  },
  {
    account: "prodData",
    name: "etl-loader",
    path: "/legacy/",
    keys: 1,
    created: "2021-09-07T13:21:00Z",
    inline: {
      Lake: [
        allow(["s3:GetObject", "s3:PutObject", "s3:ListBucket"], ["arn:aws:s3:::northwharf-lake*"]),
        allow(["s3:ListAllMyBuckets", "s3:GetBucketLocation", "kms:GenerateDataKey", "glue:GetTables"]),
        mayAssume("arn:aws:iam::*:role/Operator"),
      ],
    },
  },
  {
    account: "prodData",
    name: "dashboards",
    path: "/legacy/",
    keys: 1,
    created: "2021-11-18T09:05:00Z",
    inline: { Read: [allow(["s3:Get*", "s3:List*", "athena:*", "glue:Get*", "sts:GetFederationToken"])] },
  },
  {
    account: "prodWeb",
    name: "image-resizer",
    path: "/legacy/",
    keys: 2,
    created: "2020-06-30T15:44:00Z",
    inline: { Images: [allow(["s3:GetObject", "s3:PutObject", "s3:ListAllMyBuckets", "s3:GetBucketLocation"])] },
  },
  {
    account: "staging",
    name: "build-server",
    path: "/legacy/",
    keys: 1,
    created: "2021-03-22T11:30:00Z",
    inline: { Build: [mayAssume(`arn:aws:iam::${accounts.staging}:role/Deploy`)] },
  },
  {
    account: "prodWeb",
    name: "anders.holm",
    keys: 0,
    created: "2021-01-12T08:00:00Z",
    attached: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
  },
  {
    account: "prodWeb",
    name: "jonas.weiss",
    keys: 1,
    mfa: true,
    created: "2020-10-05T08:00:00Z",
    attached: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    inline: { Switch: [mayAssume(`arn:aws:iam::${accounts.prodWeb}:role/Switchboard`)] },
  },
];
