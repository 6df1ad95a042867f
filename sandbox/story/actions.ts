import type { Random } from "./random.ts";
import type { Action, Fields } from "./shapes.ts";

type Maker = (random: Random) => Action;

const read = (source: string, name: string, parameters?: (random: Random) => Fields): Maker => {
  return (random) => ({
    source,
    name,
    readOnly: true,
    ...(parameters === undefined ? {} : { parameters: parameters(random) }),
  });
};

const write = (
  source: string,
  name: string,
  parameters: (random: Random) => Fields,
  response?: (random: Random) => Fields,
): Maker => {
  return (random) => ({
    source,
    name,
    readOnly: false,
    parameters: parameters(random),
    ...(response === undefined ? {} : { response: response(random) }),
  });
};

const databases = ["churn", "orders", "pricing", "supply", "web", "finance"] as const;
const tables = ["weekly", "daily", "events", "customers", "baskets", "invoices", "returns"] as const;
const services = ["basket", "checkout", "search", "catalogue", "images", "login"] as const;
const buckets = ["northwharf-lake", "northwharf-reports", "northwharf-assets", "northwharf-artifacts"] as const;

const instance = (random: Random): string => `i-${random.hex(17)}`;
const database = (random: Random): string => `${random.pick(["orders", "customers", "ledger"])}-${random.int(1, 3)}`;
const logGroup = (random: Random): string => `/ecs/shop/${random.pick(services)}`;

const whoAmI = read("sts", "GetCallerIdentity");
const listBuckets = read("s3", "ListBuckets", () => ({ Host: "s3.eu-central-1.amazonaws.com" }));
const bucketLocation = read("s3", "GetBucketLocation", (random) => ({
  bucketName: random.pick(buckets),
  Host: "s3.eu-central-1.amazonaws.com",
  location: "",
}));
const describeInstances = read("ec2", "DescribeInstances", (random) => ({
  maxResults: 100,
  instancesSet: {},
  filterSet: { items: [{ name: "tag:service", valueSet: { items: [{ value: random.pick(services) }] } }] },
}));
const decrypt = read("kms", "Decrypt", (random) => ({
  encryptionContext: { "aws:s3:arn": `arn:aws:s3:::northwharf-lake/${random.pick(databases)}/part-${random.hex(12)}` },
  encryptionAlgorithm: "SYMMETRIC_DEFAULT",
}));
const filterLogs = read("logs", "FilterLogEvents", (random) => ({
  logGroupName: logGroup(random),
  startTime: 1_790_000_000_000 + random.int(0, 2_000_000_000),
  filterPattern: random.pick(["ERROR", "timeout", "{ $.status = 500 }", "WARN"]),
  limit: random.pick([50, 100, 1000]),
}));
const getParameter = read("ssm", "GetParameter", (random) => ({
  name: `/shop/${random.pick(services)}/${random.pick(["url", "limits", "flags", "region"])}`,
  withDecryption: true,
}));

/** What each kind of work calls, the more often named the more often called. */
export const work = {
  analysis: [
    whoAmI,
    listBuckets,
    ...Array.from({ length: 4 }, () =>
      write(
        "athena",
        "StartQueryExecution",
        (random) => ({
          workGroup: random.pick(databases),
          queryString: "***OMITTED***",
          clientRequestToken: random.uuid(),
          queryExecutionContext: { database: random.pick(databases) },
        }),
        (random) => ({ queryExecutionId: random.uuid() }),
      ),
    ),
    ...Array.from({ length: 6 }, () =>
      read("athena", "GetQueryExecution", (random) => ({ queryExecutionId: random.uuid() })),
    ),
    ...Array.from({ length: 5 }, () =>
      read("athena", "GetQueryResults", (random) => ({ queryExecutionId: random.uuid(), maxResults: 1000 })),
    ),
    read("glue", "GetTable", (random) => ({ databaseName: random.pick(databases), name: random.pick(tables) })),
    read("glue", "GetPartitions", (random) => ({
      databaseName: random.pick(databases),
      tableName: random.pick(tables),
    })),
    decrypt,
  ],
  pipelines: [
    whoAmI,
    read("glue", "GetJobRuns", (random) => ({ jobName: `nightly-${random.pick(databases)}`, maxResults: 50 })),
    write(
      "glue",
      "StartJobRun",
      (random) => ({ jobName: `nightly-${random.pick(databases)}` }),
      (random) => ({
        jobRunId: `jr_${random.hex(64)}`,
      }),
    ),
    read("glue", "GetTable", (random) => ({ databaseName: random.pick(databases), name: random.pick(tables) })),
    write("glue", "BatchCreatePartition", (random) => ({
      databaseName: random.pick(databases),
      tableName: random.pick(tables),
    })),
    read("states", "DescribeExecution", (random) => ({
      executionArn: `arn:aws:states:eu-central-1:111122223333:execution:nightly:${random.uuid()}`,
    })),
    bucketLocation,
    decrypt,
    filterLogs,
    read("events", "ListRules", () => ({ limit: 50 })),
  ],
  databases: [
    whoAmI,
    read("rds", "DescribeDBInstances", (random) => ({ dBInstanceIdentifier: database(random) })),
    read("rds", "DescribeDBLogFiles", (random) => ({ dBInstanceIdentifier: database(random) })),
    read("rds", "DownloadDBLogFilePortion", (random) => ({
      dBInstanceIdentifier: database(random),
      logFileName: "error/postgresql.log",
    })),
    read("secretsmanager", "GetSecretValue", (random) => ({
      secretId: `rds/${database(random)}/admin`,
      versionStage: "AWSCURRENT",
    })),
    write("rds", "ModifyDBInstance", (random) => ({ dBInstanceIdentifier: database(random), applyImmediately: true })),
    write("rds", "CreateDBSnapshot", (random) => ({
      dBInstanceIdentifier: database(random),
      dBSnapshotIdentifier: `before-${random.hex(6)}`,
    })),
    read("cloudwatch", "GetMetricData", (random) => ({ metricDataQueries: [{ id: "cpu", label: database(random) }] })),
  ],
  looking: [
    whoAmI,
    describeInstances,
    describeInstances,
    listBuckets,
    read("ecs", "ListServices", () => ({ cluster: "shop" })),
    read("ecs", "DescribeServices", (random) => ({ cluster: "shop", services: [random.pick(services)] })),
    read("ecs", "DescribeTasks", (random) => ({ cluster: "shop", tasks: [random.hex(32), random.hex(32)] })),
    filterLogs,
    filterLogs,
    read("cloudwatch", "GetMetricData", (random) => ({
      metricDataQueries: [{ id: "m1", label: random.pick(services) }],
    })),
    read("cloudformation", "DescribeStacks", (random) => ({ stackName: `shop-${random.pick(services)}` })),
    read("elasticloadbalancing", "DescribeTargetHealth", (random) => ({
      targetGroupArn: `arn:aws:elasticloadbalancing:eu-central-1:444455556666:targetgroup/${random.pick(services)}/${random.hex(16)}`,
    })),
    bucketLocation,
  ],
  operating: [
    whoAmI,
    describeInstances,
    read("ecs", "DescribeServices", (random) => ({ cluster: "shop", services: [random.pick(services)] })),
    write("ecs", "UpdateService", (random) => ({
      cluster: "shop",
      service: random.pick(services),
      desiredCount: random.int(2, 14),
    })),
    write(
      "ssm",
      "StartSession",
      (random) => ({ target: instance(random) }),
      (random) => ({ sessionId: `ops-${random.hex(16)}` }),
    ),
    write("autoscaling", "SetDesiredCapacity", (random) => ({
      autoScalingGroupName: random.pick(services),
      desiredCapacity: random.int(3, 12),
    })),
    filterLogs,
    filterLogs,
    read("cloudwatch", "DescribeAlarms", () => ({ stateValue: "ALARM" })),
    read("elasticloadbalancing", "DescribeTargetHealth", (random) => ({
      targetGroupArn: `arn:aws:elasticloadbalancing:eu-central-1:444455556666:targetgroup/${random.pick(services)}/${random.hex(16)}`,
    })),
    getParameter,
  ],
  shipping: [
    whoAmI,
    read("ecr", "DescribeImages", (random) => ({ repositoryName: `shop/${random.pick(services)}` })),
    write("ecr", "GetAuthorizationToken", () => ({})),
    read("cloudformation", "DescribeStacks", (random) => ({ stackName: `shop-${random.pick(services)}` })),
    write("cloudformation", "CreateChangeSet", (random) => ({
      stackName: `shop-${random.pick(services)}`,
      changeSetName: `cs-${random.hex(8)}`,
    })),
    read("cloudformation", "DescribeStackEvents", (random) => ({ stackName: `shop-${random.pick(services)}` })),
    read("cloudformation", "DescribeStackEvents", (random) => ({ stackName: `shop-${random.pick(services)}` })),
    write("ecs", "UpdateService", (random) => ({
      cluster: "shop",
      service: random.pick(services),
      forceNewDeployment: true,
    })),
    read("ecs", "DescribeServices", (random) => ({ cluster: "shop", services: [random.pick(services)] })),
  ],
  building: [
    write("cloudformation", "ExecuteChangeSet", (random) => ({
      changeSetName: `cs-${random.hex(8)}`,
      stackName: `shop-${random.pick(services)}`,
    })),
    read("cloudformation", "DescribeStackEvents", (random) => ({ stackName: `shop-${random.pick(services)}` })),
    read("ec2", "DescribeSecurityGroups", () => ({ securityGroupSet: {}, filterSet: {} })),
    read("ec2", "DescribeSubnets", () => ({ subnetSet: {}, filterSet: {} })),
    write("lambda", "UpdateFunctionCode20150331v2", (random) => ({
      functionName: `shop-${random.pick(services)}`,
      publish: true,
    })),
    write("ecs", "RegisterTaskDefinition", (random) => ({ family: random.pick(services), networkMode: "awsvpc" })),
    read("iam", "GetRole", (random) => ({ roleName: random.pick(["CheckoutFunction", "SearchIndexer"]) })),
    write("elasticloadbalancing", "ModifyTargetGroup", (random) => ({
      targetGroupArn: `arn:aws:elasticloadbalancing:eu-central-1:444455556666:targetgroup/${random.pick(services)}/${random.hex(16)}`,
    })),
  ],
  auditing: [
    whoAmI,
    read("iam", "ListRoles", () => ({ maxItems: 1000 })),
    read("iam", "ListUsers", () => ({ maxItems: 1000 })),
    read("iam", "GetAccountAuthorizationDetails", () => ({ filter: ["Role", "User"] })),
    read("iam", "GetCredentialReport"),
    read("iam", "ListAccessKeys", (random) => ({
      userName: random.pick(["etl-loader", "dashboards", "image-resizer"]),
    })),
    read("config", "DescribeComplianceByConfigRule"),
    read("cloudtrail", "GetTrailStatus", () => ({ name: "organisation" })),
    read("s3", "GetBucketPolicy", (random) => ({ bucketName: random.pick(buckets), policy: "" })),
    read("kms", "ListKeys"),
    read("guardduty", "ListFindings", (random) => ({ detectorId: random.hex(32) })),
  ],
  billing: [
    whoAmI,
    read("ce", "GetCostAndUsage", (random) => ({
      granularity: "DAILY",
      metrics: ["UnblendedCost"],
      groupBy: [{ key: random.pick(["SERVICE", "LINKED_ACCOUNT"]) }],
    })),
    read("ce", "GetCostForecast", () => ({ granularity: "MONTHLY", metric: "UNBLENDED_COST" })),
    read("budgets", "ViewBudget"),
    read("billing", "GetBillingViewData"),
  ],
  organising: [
    whoAmI,
    read("organizations", "ListAccounts"),
    read("organizations", "DescribeOrganization"),
    read("organizations", "ListPolicies", () => ({ filter: "SERVICE_CONTROL_POLICY" })),
    read("health", "DescribeEvents"),
  ],
  supporting: [
    whoAmI,
    filterLogs,
    filterLogs,
    filterLogs,
    read("cloudwatch", "GetMetricData", (random) => ({
      metricDataQueries: [{ id: "m1", label: random.pick(services) }],
    })),
    read("dynamodb", "DescribeTable", (random) => ({ tableName: `orders-${random.int(1, 4)}` })),
  ],
  playing: [
    whoAmI,
    listBuckets,
    write("s3", "CreateBucket", (random) => ({
      bucketName: `northwharf-play-${random.hex(8)}`,
      CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
    })),
    write("lambda", "CreateFunction20150331", (random) => ({
      functionName: `try-${random.hex(6)}`,
      runtime: "nodejs22.x",
    })),
    describeInstances,
    write("ec2", "RunInstances", (random) => ({ instanceType: "t4g.small", clientToken: random.uuid() })),
    read("iam", "ListRoles", () => ({ maxItems: 100 })),
    filterLogs,
  ],
  restoring: [
    read("backup", "ListRecoveryPointsByBackupVault", () => ({ backupVaultName: "daily" })),
    read("backup", "DescribeRecoveryPoint", (random) => ({
      backupVaultName: "daily",
      recoveryPointArn: `arn:aws:rds:eu-central-1:111122223333:snapshot:awsbackup:job-${random.uuid()}`,
    })),
    read("backup", "DescribeRestoreJob", (random) => ({ restoreJobId: random.uuid() })),
    write("backup", "StartRestoreJob", (random) => ({
      recoveryPointArn: `arn:aws:rds:eu-central-1:111122223333:snapshot:awsbackup:job-${random.uuid()}`,
      iamRoleArn: "arn:aws:iam::555566667777:role/service-role/BackupRunner",
    })),
    read("rds", "DescribeDBInstances", (random) => ({ dBInstanceIdentifier: `restore-check-${random.hex(4)}` })),
    decrypt,
  ],
} as const satisfies Record<string, readonly Maker[]>;

export type Work = keyof typeof work;

export const actionOf = (kind: Work, random: Random): Action => random.pick<Maker>(work[kind])(random);
