import { type AccountKey, accounts, externalIds, homeRegion, memberKeys, roleArn } from "./accounts.ts";
import {
  allow,
  chainTrust,
  externalTrust,
  identityCenterTrust,
  mayAssume,
  plainTrust,
  serviceTrust,
} from "./policies.ts";
import { administrator, audit, hour, type RoleSpec, readOnly } from "./role-spec.ts";

/** Roles that machines take: services, pipelines, the supplier, Identity Center, Roletrail itself. */
export const machineRoles: readonly RoleSpec[] = [
  ...(["prodWeb", "prodData", "staging"] as const).map(
    (account): RoleSpec => ({
      account,
      name: "StackRole",
      description: "What CloudFormation builds with",
      trust: [
        chainTrust(roleArn("prodWeb", "Deploy"), ...(account === "staging" ? [roleArn("staging", "Deploy")] : [])),
        serviceTrust("cloudformation.amazonaws.com"),
      ],
      inline: {
        Build: [allow(["cloudformation:*", "ec2:*", "ecs:*", "elasticloadbalancing:*", "iam:*", "lambda:*", "s3:*"])],
      },
    }),
  ),
  service("prodWeb", "ShopInstance", "ec2.amazonaws.com", ["ssm:*", "s3:GetObject", "kms:Decrypt", "sqs:*"]),
  service("prodWeb", "CheckoutFunction", "lambda.amazonaws.com", ["dynamodb:*", "secretsmanager:GetSecretValue"]),
  service("prodWeb", "SearchIndexer", "ecs-tasks.amazonaws.com", ["s3:*", "sqs:*", "kms:Decrypt", "logs:*"]),
  service("prodData", "GlueNightly", "glue.amazonaws.com", ["glue:*", "s3:*", "kms:*", "logs:*"]),
  service("prodData", "LakeLoader", "lambda.amazonaws.com", ["s3:*", "kms:*", "logs:*", "glue:Get*"]),
  service("prodData", "FeatureBuilder", "ecs-tasks.amazonaws.com", ["s3:*", "athena:*", "glue:Get*", "kms:Decrypt"]),
  service("staging", "PreviewTask", "ecs-tasks.amazonaws.com", ["s3:*", "logs:*", "ssm:Get*"]),
  service("backup", "BackupRunner", "backup.amazonaws.com", ["backup:*", "rds:*", "ec2:*", "kms:*"]),
  service("security", "FindingsRouter", "lambda.amazonaws.com", ["securityhub:*", "sns:Publish", "guardduty:Get*"]),
  {
    account: "prodWeb",
    name: "VendorMonitoring",
    description: "Acme's uptime collector",
    trust: [externalTrust(`arn:aws:iam::${accounts.vendor}:root`, externalIds.vendorMonitoring)],
    inline: {
      Watch: [allow(["cloudwatch:Get*", "cloudwatch:List*", "ec2:DescribeInstances", "ecs:Describe*", "ecs:List*"])],
    },
  },
  {
    account: "vendor",
    name: "AcmeCollector",
    description: "Acme's collector, on their side",
    trust: [serviceTrust("lambda.amazonaws.com")],
    inline: { Collect: [allow(["sts:AssumeRole"], ["arn:aws:iam::*:role/VendorMonitoring"])] },
  },
  ...memberKeys.map(
    (account): RoleSpec => ({
      account,
      name: "MemberAudit",
      description: "Read by the security account",
      trust: [chainTrust(roleArn("security", "SecurityAudit"))],
      attached: [audit],
    }),
  ),
  ...memberKeys.map(
    (account): RoleSpec => ({
      account,
      name: "RoletrailRevoker",
      description: "Taken by Roletrail's revoke function only",
      trust: [plainTrust(`arn:aws:iam::${accounts.security}:user/roletrail-functions`)],
      inline: {
        Revoke: [
          allow(["iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"]),
          allow(["iam:SimulatePrincipalPolicy", "iam:ListRoles"]),
          allow(["iam:PutRolePolicy", "iam:DeleteRolePolicy"], [`arn:aws:iam::${accounts[account]}:role/*`]),
          {
            Sid: "NeverItself",
            Effect: "Deny",
            Action: ["iam:PutRolePolicy", "iam:DeleteRolePolicy"],
            Resource: [`arn:aws:iam::${accounts[account]}:role/Roletrail*`],
          },
        ],
      },
    }),
  ),
  {
    account: "security",
    name: "RoletrailBroker",
    description: "Roletrail's own role for the road assume-role",
    trust: [chainTrust(`arn:aws:iam::${accounts.security}:user/roletrail-functions`)],
    inline: {
      Mint: [
        mayAssume(
          roleArn("security", "LogReader"),
          roleArn("staging", "SupportDesk"),
          roleArn("staging", "Deploy"),
          roleArn("vendor", "PartnerExport"),
        ),
      ],
    },
  },
  identityCenter("orgRoot", "AdministratorAccess", "0f3a9c1d5e7b2468", administrator),
  identityCenter("prodWeb", "ViewOnly", "4be27d9013fa586c", readOnly),
  identityCenter("prodData", "ViewOnly", "9c05e1b7f2438ad6", readOnly),
  linked("orgRoot", "Organizations", "organizations.amazonaws.com"),
  linked("prodWeb", "AutoScaling", "autoscaling.amazonaws.com"),
  linked("prodWeb", "ECS", "ecs.amazonaws.com"),
  linked("prodData", "RDS", "rds.amazonaws.com"),
  linked("security", "AmazonGuardDuty", "guardduty.amazonaws.com"),
  ...memberKeys.map((account) => linked(account, "Config", "config.amazonaws.com")),
];

function service(account: AccountKey, name: string, principal: string, actions: readonly string[]): RoleSpec {
  return {
    account,
    name,
    path: "/service-role/",
    description: `Taken by ${principal}`,
    trust: [serviceTrust(principal)],
    inline: { Work: [allow(actions)] },
  };
}

function identityCenter(account: AccountKey, set: string, hash: string, attached: string): RoleSpec {
  return {
    account,
    name: `AWSReservedSSO_${set}_${hash}`,
    path: `/aws-reserved/sso.amazonaws.com/${homeRegion}/`,
    maxSeconds: 12 * hour,
    description: `Permission set ${set}, kept by Identity Center`,
    trust: [identityCenterTrust(account)],
    attached: [attached],
  };
}

function linked(account: AccountKey, name: string, principal: string): RoleSpec {
  return {
    account,
    name: `AWSServiceRoleFor${name}`,
    path: `/aws-service-role/${principal}/`,
    description: `Service-linked: ${principal}`,
    trust: [serviceTrust(principal)],
    inline: {},
    attached: [],
  };
}
