import type { Random } from "./random.ts";
import type { Action } from "./shapes.ts";

const queues = ["basket", "orders", "mail", "images"] as const;

/** What services do all day, each in its own few calls. */
export const chores = {
  agent: (random: Random): Action => ({
    source: "ssm",
    name: "UpdateInstanceInformation",
    readOnly: false,
    parameters: {
      instanceId: `i-${random.hex(17)}`,
      agentVersion: "3.3.2958.0",
      agentStatus: "Active",
      platformType: "Linux",
      platformName: "Amazon Linux",
      platformVersion: "2023",
      computerName: `ip-10-20-${random.int(0, 9)}-${random.int(1, 250)}.eu-central-1.compute.internal`,
    },
  }),
  secret: (random: Random): Action => ({
    source: "secretsmanager",
    name: "GetSecretValue",
    readOnly: true,
    parameters: { secretId: `shop/${random.pick(queues)}`, versionStage: "AWSCURRENT" },
  }),
  decrypt: (random: Random): Action => ({
    source: "kms",
    name: "Decrypt",
    readOnly: true,
    parameters: {
      encryptionContext: {
        PARAMETER_ARN: `arn:aws:ssm:eu-central-1:444455556666:parameter/shop/${random.pick(queues)}`,
      },
      encryptionAlgorithm: "SYMMETRIC_DEFAULT",
    },
  }),
  dataKey: (random: Random): Action => ({
    source: "kms",
    name: "GenerateDataKey",
    readOnly: true,
    parameters: {
      keySpec: "AES_256",
      encryptionContext: { "aws:s3:arn": `arn:aws:s3:::northwharf-lake/raw/${random.hex(10)}` },
      keyId: `arn:aws:kms:eu-central-1:111122223333:key/${random.uuid()}`,
    },
  }),
  tables: (random: Random): Action => ({
    source: "glue",
    name: random.pick(["GetTable", "GetPartitions", "GetDatabase"]),
    readOnly: true,
    parameters: { databaseName: random.pick(["churn", "orders", "pricing", "supply"]) },
  }),
  partitions: (random: Random): Action => ({
    source: "glue",
    name: "BatchCreatePartition",
    readOnly: false,
    parameters: { databaseName: random.pick(["churn", "orders", "pricing", "supply"]), tableName: "daily" },
  }),
  logStream: (random: Random): Action => ({
    source: "logs",
    name: "CreateLogStream",
    readOnly: false,
    parameters: { logGroupName: "/aws/lambda/shop", logStreamName: `2026/[$LATEST]${random.hex(32)}` },
  }),
  inventory: (random: Random): Action => ({
    ...random.pick(described),
    readOnly: true,
    parameters: { maxResults: 100 },
  }),
  backupJob: (random: Random): Action => ({
    source: "rds",
    name: random.pick(["CreateDBSnapshot", "DescribeDBSnapshots", "ListTagsForResource"]),
    readOnly: false,
    parameters: { dBSnapshotIdentifier: `awsbackup:job-${random.uuid()}` },
  }),
  finding: (random: Random): Action => ({
    source: "securityhub",
    name: random.pick(["GetFindings", "BatchUpdateFindings"]),
    readOnly: true,
    parameters: { maxResults: 100 },
  }),
  target: (random: Random): Action => ({
    source: "elasticloadbalancing",
    name: random.pick(["DescribeTargetHealth", "RegisterTargets", "DescribeTargetGroups"]),
    readOnly: false,
    parameters: {
      targetGroupArn: `arn:aws:elasticloadbalancing:eu-central-1:444455556666:targetgroup/${random.pick(queues)}/${random.hex(16)}`,
    },
  }),
  metric: (random: Random): Action => ({
    source: "cloudwatch",
    name: random.pick(["GetMetricData", "ListMetrics"]),
    readOnly: true,
    parameters: { metricDataQueries: [{ id: "up", label: random.pick(queues) }] },
  }),
} as const;

export type Chore = keyof typeof chores;

const described = [
  { source: "ec2", name: "DescribeInstances" },
  { source: "ec2", name: "DescribeVolumes" },
  { source: "ec2", name: "DescribeNetworkInterfaces" },
  { source: "ec2", name: "DescribeSecurityGroups" },
  { source: "iam", name: "ListRoles" },
  { source: "iam", name: "ListPolicies" },
  { source: "s3", name: "ListBuckets" },
  { source: "rds", name: "DescribeDBInstances" },
  { source: "lambda", name: "ListFunctions20150331" },
  { source: "kms", name: "ListAliases" },
] as const;
