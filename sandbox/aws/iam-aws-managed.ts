import type { ManagedPolicy } from "./state.ts";

type Document = readonly { readonly [element: string]: unknown }[];

const allow = (actions: readonly string[], more: object = {}) => ({
  Effect: "Allow",
  Action: actions,
  Resource: "*",
  ...more,
});

const reads = (services: readonly string[], verbs = ["Describe*", "Get*", "List*"]): string[] =>
  services.flatMap((service) => verbs.map((verb) => `${service}:${verb}`));

const everyday = ["acm", "athena", "autoscaling", "cloudformation", "cloudfront", "cloudtrail", "cloudwatch", "config"]
  .concat([
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "eks",
    "elasticache",
    "elasticloadbalancing",
    "events",
    "glue",
    "guardduty",
  ])
  .concat(["iam", "kinesis", "kms", "lambda", "logs", "organizations", "rds", "redshift", "route53", "s3"])
  .concat(["secretsmanager", "sns", "sqs", "ssm", "states", "sts", "tag"]);

const dataReads = ["athena:BatchGet*", "dynamodb:BatchGet*", "dynamodb:Query", "dynamodb:Scan", "ecr:BatchGet*"];

/** What AWS's own documents do, kept to the services a story has; AWS's run to thousands of lines and change weekly. */
const documents: Readonly<Record<string, Document>> = {
  AdministratorAccess: [allow(["*"])],
  PowerUserAccess: [
    { Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" },
    allow([
      "account:GetAccountInformation",
      "account:GetPrimaryEmail",
      "account:ListRegions",
      "iam:CreateServiceLinkedRole",
      "iam:DeleteServiceLinkedRole",
      "iam:ListRoles",
      "organizations:DescribeOrganization",
    ]),
  ],
  ReadOnlyAccess: [
    allow([
      ...reads(everyday.filter((service) => service !== "secretsmanager" && service !== "kms")),
      ...reads(["kms"], ["Describe*", "Get*", "List*"]),
      "secretsmanager:DescribeSecret",
      "secretsmanager:GetResourcePolicy",
      "secretsmanager:List*",
      "cloudtrail:LookupEvents",
      "logs:FilterLogEvents",
      "logs:StartQuery",
      "s3:HeadBucket",
      "iam:Generate*",
      "iam:SimulateCustomPolicy",
      "iam:SimulatePrincipalPolicy",
      ...dataReads,
    ]),
  ],
  SecurityAudit: [
    allow([
      ...reads(
        everyday.filter((service) => !["dynamodb", "s3", "secretsmanager", "sqs", "ssm"].includes(service)),
        ["Describe*", "List*"],
      ),
      "cloudtrail:GetEventSelectors",
      "cloudtrail:GetTrailStatus",
      "cloudtrail:LookupEvents",
      "iam:GenerateCredentialReport",
      "iam:GenerateServiceLastAccessedDetails",
      "iam:Get*",
      "iam:SimulateCustomPolicy",
      "iam:SimulatePrincipalPolicy",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "lambda:GetPolicy",
      "s3:GetBucket*",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:ListAllMyBuckets",
      "secretsmanager:DescribeSecret",
      "secretsmanager:ListSecrets",
      "sqs:GetQueueAttributes",
      "sqs:ListQueues",
      "sts:GetCallerIdentity",
    ]),
  ],
  "job-function/ViewOnlyAccess": [
    allow([
      ...reads(
        everyday.filter((service) => !["s3", "secretsmanager", "kms", "ssm"].includes(service)),
        ["Describe*", "List*"],
      ),
      "cloudwatch:Get*",
      "iam:GetAccountSummary",
      "iam:GetLoginProfile",
      "kms:ListAliases",
      "kms:ListKeys",
      "s3:ListAllMyBuckets",
      "s3:ListBucket",
      "secretsmanager:ListSecrets",
      "ssm:Describe*",
    ]),
  ],
  "job-function/Billing": [
    allow([
      "account:GetAccountInformation",
      "aws-portal:*Billing",
      "aws-portal:*PaymentMethods",
      "aws-portal:*Usage",
      "billing:*",
      "budgets:*",
      "ce:*",
      "cur:*",
      "pricing:*",
      "purchase-orders:*",
      "tax:*",
    ]),
  ],
  IAMFullAccess: [allow(["iam:*", "organizations:Describe*", "organizations:List*"])],
  IAMReadOnlyAccess: [
    allow(["iam:Generate*", "iam:Get*", "iam:List*", "iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy"]),
  ],
  AmazonS3FullAccess: [allow(["s3:*", "s3-object-lambda:*"])],
  AmazonS3ReadOnlyAccess: [allow(["s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*"])],
  AmazonEC2FullAccess: [allow(["ec2:*", "elasticloadbalancing:*", "cloudwatch:*", "autoscaling:*"])],
  AmazonEC2ReadOnlyAccess: [allow(["ec2:Describe*", "ec2:GetSecurityGroupsForVpc", "cloudwatch:Describe*"])],
  AmazonDynamoDBFullAccess: [allow(["dynamodb:*", "dax:*"])],
  AmazonDynamoDBReadOnlyAccess: [
    allow([
      "dynamodb:BatchGetItem",
      "dynamodb:Describe*",
      "dynamodb:Get*",
      "dynamodb:List*",
      "dynamodb:Query",
      "dynamodb:Scan",
    ]),
  ],
  AmazonSSMManagedInstanceCore: [
    allow(["ssm:DescribeAssociation", "ssm:GetDocument", "ssm:GetParameter", "ssm:UpdateInstanceInformation"]),
    allow(["ssmmessages:*", "ec2messages:*"]),
  ],
  CloudWatchReadOnlyAccess: [
    allow(["cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*", "logs:Get*", "logs:List*", "logs:Describe*"]),
  ],
  AWSCloudTrail_ReadOnlyAccess: [
    allow(["cloudtrail:Get*", "cloudtrail:Describe*", "cloudtrail:List*", "cloudtrail:LookupEvents"]),
  ],
  "service-role/AWSLambdaBasicExecutionRole": [
    allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]),
  ],
  AWSDenyAll: [{ Sid: "DenyAll", Effect: "Deny", Action: ["*"], Resource: "*" }],
};

/** AWS's own managed policies by ARN. */
export const awsManagedPolicies: ReadonlyMap<string, ManagedPolicy> = new Map(
  Object.entries(documents).map(([path, statements]) => {
    const arn = `arn:aws:iam::aws:policy/${path}`;
    const document = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    return [arn, { arn, name: path.slice(path.lastIndexOf("/") + 1), document }];
  }),
);
