import { accounts, externalIds, memberKeys, roleArn } from "./accounts.ts";
import {
  allow,
  brokerTrust,
  chainTrust,
  githubTrust,
  mayAssume,
  mfaTrust,
  plainTrust,
  roletrailTrust,
  serviceTrust,
} from "./policies.ts";
import { administrator, audit, hour, lookAround, objects, type RoleSpec, readOnly } from "./role-spec.ts";

/** Roles that people take, most through Roletrail. */
export const peoplesRoles: readonly RoleSpec[] = [
  {
    account: "prodData",
    name: "DataAnalyst",
    maxSeconds: 12 * hour,
    description: "Query the lake and export to partners",
    trust: [...roletrailTrust("prodData", "DataAnalyst", ["team"])],
    inline: {
      Lake: [
        lookAround,
        allow(["s3:Get*", "s3:List*", "s3:HeadObject"], objects("northwharf-lake", "northwharf-reports")),
        allow(["s3:PutObject"], ["arn:aws:s3:::northwharf-reports/*"]),
        allow(["athena:*", "glue:Get*", "glue:List*", "kms:Decrypt", "cloudwatch:Get*"]),
        mayAssume(roleArn("vendor", "PartnerExport")),
      ],
    },
  },
  {
    account: "prodData",
    name: "DataEngineer",
    maxSeconds: 12 * hour,
    description: "Run and repair the pipelines",
    trust: [...roletrailTrust("prodData", "DataEngineer", ["team"])],
    inline: {
      Pipelines: [
        lookAround,
        allow(["s3:*"], objects("northwharf-lake", "northwharf-reports")),
        allow(["athena:*", "glue:*", "states:*", "events:*", "logs:*", "kms:Decrypt", "kms:GenerateDataKey"]),
        allow(["ec2:Describe*", "rds:Describe*", "secretsmanager:DescribeSecret", "cloudwatch:*"]),
      ],
    },
  },
  {
    account: "prodData",
    name: "DbAdmin",
    maxSeconds: 4 * hour,
    description: "Administer the databases",
    trust: [...roletrailTrust("prodData", "DbAdmin"), chainTrust(roleArn("prodWeb", "Operator"))],
    inline: {
      Databases: [
        lookAround,
        allow(["rds:*", "secretsmanager:GetSecretValue", "secretsmanager:Describe*", "secretsmanager:ListSecrets"]),
        allow(["kms:Decrypt", "kms:DescribeKey", "kms:List*", "logs:*", "cloudwatch:*", "ec2:Describe*"]),
        mayAssume(roleArn("backup", "BackupVault")),
      ],
    },
  },
  {
    account: "prodData",
    name: "ReadOnly",
    maxSeconds: 12 * hour,
    description: "Look, touch nothing",
    trust: [...roletrailTrust("prodData", "ReadOnly")],
    attached: [readOnly],
  },
  {
    account: "prodWeb",
    name: "ReadOnly",
    maxSeconds: 12 * hour,
    description: "Look, touch nothing",
    trust: [...roletrailTrust("prodWeb", "ReadOnly")],
    attached: [readOnly],
  },
  {
    account: "prodWeb",
    name: "Operator",
    maxSeconds: 8 * hour,
    description: "Keep the shop up: restart, scale, fail over",
    // The second principal is a leftover of a migration in 2023: nobody took it out again.
    trust: [
      ...roletrailTrust("prodWeb", "Operator"),
      plainTrust(`arn:aws:iam::${accounts.prodData}:user/legacy/etl-loader`),
    ],
    inline: {
      Operate: [
        lookAround,
        allow(["ecs:*", "ec2:Describe*", "ec2:RebootInstances", "elasticloadbalancing:*", "autoscaling:*"]),
        allow(["cloudwatch:*", "logs:*", "ssm:*", "sqs:*", "route53:Get*", "route53:List*", "kms:Decrypt"]),
        allow(["s3:Get*", "s3:List*"], objects("northwharf-assets", "northwharf-artifacts")),
        mayAssume(roleArn("prodData", "DbAdmin")),
      ],
    },
  },
  {
    account: "prodWeb",
    name: "Switchboard",
    description: "Feature switches of the shop, from the console",
    trust: [mfaTrust(`arn:aws:iam::${accounts.prodWeb}:user/jonas.weiss`)],
    inline: { Switch: [lookAround, allow(["appconfig:*", "ssm:*", "cloudwatch:*", "ecs:Describe*", "ecs:List*"])] },
  },
  {
    account: "prodWeb",
    name: "Deploy",
    maxSeconds: 4 * hour,
    description: "Ship the shop",
    trust: [...roletrailTrust("prodWeb", "Deploy"), githubTrust("prodWeb", "repo:northwharf/shop:ref:refs/heads/main")],
    inline: {
      Ship: [
        lookAround,
        allow(["cloudformation:*", "ecr:*", "ecs:Describe*", "ecs:List*", "ecs:UpdateService", "lambda:*", "logs:*"]),
        allow(["s3:Get*", "s3:List*", "s3:PutObject"], objects("northwharf-artifacts", "northwharf-assets")),
        mayAssume(roleArn("prodWeb", "StackRole"), roleArn("staging", "StackRole"), roleArn("prodData", "StackRole")),
      ],
    },
  },
  {
    account: "staging",
    name: "Operator",
    maxSeconds: 12 * hour,
    description: "Try it before the shop does",
    trust: [...roletrailTrust("staging", "Operator")],
    inline: { Operate: [lookAround, allow(["ecs:*", "ec2:*", "rds:*", "logs:*", "cloudwatch:*", "s3:*", "lambda:*"])] },
  },
  {
    account: "staging",
    name: "ReadOnly",
    maxSeconds: 12 * hour,
    description: "Look, touch nothing",
    trust: [...roletrailTrust("staging", "ReadOnly")],
    attached: [readOnly],
  },
  {
    account: "staging",
    name: "SupportDesk",
    description: "Reproduce what customers report",
    trust: [brokerTrust()],
    inline: { Desk: [lookAround, allow(["logs:*", "cloudwatch:Get*", "dynamodb:Query", "dynamodb:GetItem"])] },
  },
  {
    account: "staging",
    name: "Deploy",
    maxSeconds: 4 * hour,
    description: "Ship to staging",
    trust: [
      brokerTrust(),
      githubTrust("staging", "repo:northwharf/*"),
      plainTrust(`arn:aws:iam::${accounts.staging}:user/legacy/build-server`),
    ],
    inline: {
      Ship: [
        lookAround,
        allow(["cloudformation:*", "ecr:*", "ecs:*", "lambda:*", "s3:*", "logs:*"]),
        mayAssume(roleArn("staging", "StackRole")),
      ],
    },
  },
  {
    account: "orgRoot",
    name: "Billing",
    maxSeconds: 12 * hour,
    description: "Read costs and invoices",
    trust: [...roletrailTrust("orgRoot", "Billing")],
    attached: ["arn:aws:iam::aws:policy/job-function/Billing"],
    inline: { Look: [lookAround] },
  },
  {
    account: "orgRoot",
    name: "OrganizationReader",
    maxSeconds: 12 * hour,
    description: "Read accounts and policies of the organisation",
    trust: [...roletrailTrust("orgRoot", "OrganizationReader")],
    inline: { Read: [lookAround, allow(["organizations:Describe*", "organizations:List*", "config:*", "health:*"])] },
  },
  {
    account: "orgRoot",
    name: "BreakGlassAdmin",
    description: "Everything, for an hour, reviewed afterwards",
    trust: [
      ...roletrailTrust("orgRoot", "BreakGlassAdmin"),
      mfaTrust(`arn:aws:iam::${accounts.orgRoot}:user/break-glass`),
    ],
    attached: [administrator],
  },
  {
    account: "security",
    name: "SecurityAudit",
    maxSeconds: 12 * hour,
    description: "Look into every account",
    trust: [...roletrailTrust("security", "SecurityAudit")],
    attached: [audit],
    inline: { Members: [mayAssume(...memberKeys.map((key) => roleArn(key, "MemberAudit")))] },
  },
  ...(["security", "prodData", "prodWeb"] as const).map(
    (account): RoleSpec => ({
      account,
      name: "IncidentResponse",
      maxSeconds: 4 * hour,
      description: "Contain: deactivate keys, isolate instances, read the logs",
      trust: [...roletrailTrust(account, "IncidentResponse")],
      attached: [readOnly],
      inline: {
        Contain: [allow(["iam:UpdateAccessKey", "ec2:ModifyInstanceAttribute", "ec2:CreateSnapshot", "s3:Get*"])],
        // Object reads are not in the trail until somebody asks: whoever looks into an incident may.
        Record: [allow(["cloudtrail:PutEventSelectors"])],
      },
    }),
  ),
  {
    account: "security",
    name: "LogReader",
    description: "Read the organisation trail",
    trust: [brokerTrust()],
    inline: {
      Read: [lookAround, allow(["s3:Get*", "s3:List*"], objects("northwharf-org-trail")), allow(["athena:*"])],
    },
  },
  {
    account: "playground",
    name: "Developer",
    maxSeconds: 12 * hour,
    description: "Try anything; emptied on Sundays",
    trust: [...roletrailTrust("playground", "Developer")],
    attached: [administrator],
  },
  {
    account: "playground",
    name: "Experiment",
    description: "A role that may take itself again: a chain that never ends",
    trust: [chainTrust(roleArn("playground", "Developer"), roleArn("playground", "Experiment"))],
    inline: { Loop: [lookAround, allow(["s3:*", "lambda:*"]), mayAssume(roleArn("playground", "Experiment"))] },
  },
  {
    account: "backup",
    name: "BackupVault",
    maxSeconds: 2 * hour,
    description: "Read and restore backups",
    trust: [chainTrust(roleArn("prodData", "DbAdmin")), serviceTrust("backup.amazonaws.com")],
    inline: {
      Vault: [
        lookAround,
        allow(["backup:*", "kms:Decrypt", "kms:DescribeKey", "rds:Describe*"]),
        allow(["s3:Get*", "s3:List*"], objects("northwharf-vault")),
        mayAssume(roleArn("backup", "RestoreCheck")),
      ],
    },
  },
  {
    account: "backup",
    name: "RestoreCheck",
    description: "Restore into an empty network and compare",
    trust: [chainTrust(roleArn("backup", "BackupVault"))],
    inline: { Check: [lookAround, allow(["backup:Describe*", "backup:List*", "rds:*", "ec2:Describe*"])] },
  },
  {
    account: "vendor",
    name: "PartnerExport",
    description: "Deliveries for Northwharf",
    trust: [
      brokerTrust(externalIds.partnerExport),
      {
        ...chainTrust(roleArn("prodData", "DataAnalyst")),
        Condition: { StringEquals: { "sts:ExternalId": externalIds.partnerExport } },
      },
    ],
    inline: {
      Deliver: [lookAround, allow(["s3:PutObject", "s3:ListBucket", "s3:GetObject"], objects("acme-incoming"))],
    },
  },
];
