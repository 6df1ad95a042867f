import type { Action, Where } from "./shapes.ts";

/**
 * The incident, written before it is told.
 *
 * A long-term key of the user `etl-loader` (prod-data) leaked with an old notebook. On an evening somebody tries it from a
 * network that nobody here uses: it may read the lake and little else, and the doors it knocks at stay shut. The next
 * night it finds the leftover trust of 2023: `Operator` in prod-web still trusts that user, without Roletrail. From
 * Operator it takes `DbAdmin`, as people on call do, reads the databases' secrets, and from there `BackupVault`, a third
 * role that is otherwise only taken for restore exercises. In the morning Ilse sees sessions that no mint explains,
 * switches the key off and revokes the three roles; the sessions still alive are refused from then on.
 */
export const incident = {
  account: "prodData",
  user: "etl-loader",
  network: "198.51.100.187",
  agent: "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.15-amd64 exe/x86_64.kali.2024 prompt/off command/sts.assume-role",
  /** Seconds after 00:00 of the day before: it knocks. */
  knocksAt: 23 * 3600 + 8 * 60,
  /** Seconds after 00:00: it gets in, seven times. */
  entersAt: [5_520, 6_410, 8_050, 9_730, 11_800, 30_960, 33_120],
  operatorSeconds: 8 * 3600,
  /** The first of them only looks around; the others take DbAdmin, and five of those BackupVault. */
  toDatabases: [1, 2, 3, 4, 5, 6],
  toVault: [1, 2, 4, 5, 6],
  /** Seconds after 00:00 at which the key is switched off. */
  keyOffAt: 9 * 3600 + 52 * 60,
  sessionNames: ["etl-loader", "botocore-session-1", "botocore-session-2", "etl", "etl-loader", "op", "op"],
} as const;

export const thief: Where = { ip: incident.network, agent: incident.agent };

const look = (source: string, name: string, parameters?: Action["parameters"]): Action => ({
  source,
  name,
  readOnly: true,
  ...(parameters === undefined ? {} : { parameters }),
});

/** What the key may do by itself, and what it is refused. */
export const knocking: readonly { readonly action: Action; readonly refused: boolean }[] = [
  { action: look("sts", "GetCallerIdentity"), refused: false },
  { action: look("s3", "ListBuckets", { Host: "s3.eu-central-1.amazonaws.com" }), refused: false },
  { action: look("iam", "ListUsers"), refused: true },
  { action: look("iam", "ListRoles"), refused: true },
  { action: look("iam", "ListAttachedUserPolicies"), refused: true },
  { action: look("iam", "GetUser"), refused: true },
  { action: look("secretsmanager", "ListSecrets"), refused: true },
  { action: look("rds", "DescribeDBInstances"), refused: true },
  { action: look("lambda", "ListFunctions20150331"), refused: true },
  { action: look("ec2", "DescribeInstances"), refused: true },
  { action: look("glue", "GetTables", { databaseName: "orders" }), refused: false },
];

/** Roles it guesses before it finds the one that is open. */
export const guesses = [
  ["prodData", "DbAdmin"],
  ["prodData", "DataEngineer"],
  ["prodWeb", "Deploy"],
  ["backup", "BackupVault"],
  ["orgRoot", "BreakGlassAdmin"],
  ["staging", "Deploy"],
] as const;

export const asOperator: readonly Action[] = [
  look("sts", "GetCallerIdentity"),
  look("iam", "ListRoles", { maxItems: 1000 }),
  look("iam", "GetRolePolicy", { roleName: "Operator", policyName: "Operate" }),
  look("ec2", "DescribeInstances", { maxResults: 1000 }),
  look("ssm", "DescribeParameters", { maxResults: 50 }),
  look("ssm", "GetParameter", { name: "/shop/checkout/url", withDecryption: true }),
  look("ecs", "ListServices", { cluster: "shop" }),
];

export const asDbAdmin: readonly Action[] = [
  look("rds", "DescribeDBInstances"),
  look("rds", "DescribeDBSnapshots"),
  look("secretsmanager", "ListSecrets"),
  look("secretsmanager", "GetSecretValue", { secretId: "rds/orders-1/admin", versionStage: "AWSCURRENT" }),
  look("secretsmanager", "GetSecretValue", { secretId: "rds/customers-1/admin", versionStage: "AWSCURRENT" }),
];

export const asVault: readonly { readonly action: Action; readonly refused: boolean }[] = [
  { action: look("backup", "ListBackupVaults"), refused: false },
  { action: look("backup", "ListRecoveryPointsByBackupVault", { backupVaultName: "daily" }), refused: false },
  {
    action: {
      source: "backup",
      name: "StartCopyJob",
      readOnly: false,
      parameters: {
        sourceBackupVaultName: "daily",
        destinationBackupVaultArn: "arn:aws:backup:eu-central-1:987654321098:backup-vault:in",
      },
    },
    refused: true,
  },
  { action: look("kms", "ListKeys"), refused: true },
];
