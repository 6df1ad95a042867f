import { type AccountKey, accounts, githubIssuer, roleArn, roletrailIssuer } from "./accounts.ts";

/** One statement as IAM reads it. */
export interface Statement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  Action?: string | readonly string[];
  NotAction?: string | readonly string[];
  Resource?: string | readonly string[];
  Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export const policy = (...statements: readonly Statement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

export const allow = (actions: readonly string[], resources: readonly string[] = ["*"]): Statement => ({
  Effect: "Allow",
  Action: actions,
  Resource: resources,
});

/** What a chain needs on the caller's side once a session carries a source identity and a transitive tag. */
export const mayAssume = (...roles: readonly string[]): Statement => ({
  Sid: "Chain",
  Effect: "Allow",
  Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
  Resource: roles,
});

/** Roletrail's shipped trust policy for the road web-identity: a token fits one role, with our tags, the mint's among them. */
export function roletrailTrust(account: AccountKey, role: string, tags: readonly string[] = []): Statement[] {
  const Principal = { Federated: `arn:aws:iam::${accounts[account]}:oidc-provider/${roletrailIssuer}` };
  const token = {
    StringEquals: { [`${roletrailIssuer}:aud`]: "sts.amazonaws.com" },
    StringLike: { [`${roletrailIssuer}:sub`]: `${accounts[account]}:${role}:*` },
  };
  return [
    {
      Sid: "Roletrail",
      Effect: "Allow",
      Principal,
      Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
      Condition: {
        ...token,
        "ForAllValues:StringEquals": { "aws:TagKeys": ["RoletrailMint", ...tags] },
        Null: { "aws:RequestTag/RoletrailMint": "false" },
      },
    },
    { Sid: "RoletrailPerson", Effect: "Allow", Principal, Action: ["sts:SetSourceIdentity"], Condition: token },
  ];
}

/** Trust of the road assume-role: the broker's own role, with identity and tags. */
export const brokerTrust = (externalId?: string): Statement => ({
  Sid: "RoletrailBroker",
  Effect: "Allow",
  Principal: { AWS: roleArn("security", "RoletrailBroker") },
  Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
  ...(externalId === undefined ? {} : { Condition: { StringEquals: { "sts:ExternalId": externalId } } }),
});

export const chainTrust = (...principals: readonly string[]): Statement => ({
  Sid: "Chain",
  Effect: "Allow",
  Principal: { AWS: principals },
  Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
});

export const plainTrust = (...principals: readonly string[]): Statement => ({
  Effect: "Allow",
  Principal: { AWS: principals },
  Action: "sts:AssumeRole",
});

export const externalTrust = (principal: string, externalId: string): Statement => ({
  Effect: "Allow",
  Principal: { AWS: principal },
  Action: "sts:AssumeRole",
  Condition: { StringEquals: { "sts:ExternalId": externalId } },
});

export const mfaTrust = (...principals: readonly string[]): Statement => ({
  Effect: "Allow",
  Principal: { AWS: principals },
  Action: "sts:AssumeRole",
  Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
});

export const serviceTrust = (service: string): Statement => ({
  Effect: "Allow",
  Principal: { Service: service },
  Action: "sts:AssumeRole",
});

export const githubTrust = (account: AccountKey, subject: string): Statement => ({
  Sid: "GitHub",
  Effect: "Allow",
  Principal: { Federated: `arn:aws:iam::${accounts[account]}:oidc-provider/${githubIssuer}` },
  Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
  Condition: {
    StringEquals: { [`${githubIssuer}:aud`]: "sts.amazonaws.com" },
    StringLike: { [`${githubIssuer}:sub`]: subject },
  },
});

/** Identity Center's own: people arrive by its SAML provider. */
export const identityCenterTrust = (account: AccountKey): Statement => ({
  Effect: "Allow",
  Principal: { Federated: `arn:aws:iam::${accounts[account]}:saml-provider/${identityCenterProvider}` },
  Action: ["sts:AssumeRoleWithSAML", "sts:TagSession"],
  Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
});

export const identityCenterProvider = "AWSSSO_6d1f0c8a3b7e2945_DO_NOT_DELETE";

// Abridged: AWS's documents hold thousands of lines; these are the services of this organisation.
const readServices = [
  "acm",
  "athena",
  "autoscaling",
  "backup",
  "cloudformation",
  "cloudtrail",
  "cloudwatch",
  "config",
  "dynamodb",
  "ec2",
  "ecr",
  "ecs",
  "eks",
  "elasticloadbalancing",
  "events",
  "glue",
  "guardduty",
  "health",
  "iam",
  "kms",
  "lambda",
  "logs",
  "organizations",
  "rds",
  "s3",
  "securityhub",
  "sns",
  "sqs",
  "ssm",
  "sts",
  "tag",
];

const reading = readServices.flatMap((service) => [`${service}:Describe*`, `${service}:Get*`, `${service}:List*`]);

/** AWS's own managed policies that the story attaches, by ARN. */
export const awsManaged: Readonly<Record<string, string>> = {
  "arn:aws:iam::aws:policy/AdministratorAccess": policy(allow(["*"])),
  "arn:aws:iam::aws:policy/ReadOnlyAccess": policy(allow(reading)),
  "arn:aws:iam::aws:policy/SecurityAudit": policy(
    allow(reading.filter((action) => !/^(?:s3|athena|glue|dynamodb|ecr):Get/.test(action))),
  ),
  "arn:aws:iam::aws:policy/job-function/Billing": policy(
    allow(["account:Get*", "billing:*", "budgets:*", "ce:*", "cur:*", "invoicing:*", "payments:List*", "tax:Get*"]),
  ),
};
