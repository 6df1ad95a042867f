/// <reference path="../.sst/platform/config.d.ts" />
import { bucketPolicy, shut } from "./bucket.ts";
import { nameOf, policyOf, roleArn, type Statement, trustOf } from "./lambda.ts";
import { account, organisation, region, trailSince } from "./settings.ts";
import { logs, logsArn } from "./trail.ts";

/** Athena's price in most Regions (eu-central-1, us-east-1: November 2026), for the comments below. */
const dollarsPerTB = 5;
const GB = 1024 ** 3;

const filesOf = (name: string, days: number | null): aws.s3.Bucket => {
  const bucket = new aws.s3.Bucket(name, { bucketPrefix: `roletrail-${$app.stage}-${name.toLowerCase()}-` });
  shut(name, bucket);
  bucketPolicy(name, bucket, []);
  if (days !== null)
    new aws.s3.BucketLifecycleConfiguration(`${name}Ends`, {
      bucket: bucket.id,
      rules: [
        { id: "end", status: "Enabled", filter: { prefix: "" }, expiration: { days } },
        {
          id: "parts",
          status: "Enabled",
          filter: { prefix: "" },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ],
    });
  return bucket;
};

/** Iceberg tables: what the facts function writes and everybody else reads. */
const facts = filesOf("Facts", null);
/** Athena's own copies of answers: as long as its result reuse may need them, and no longer, for they are the trail's content. */
const results = filesOf("Results", 7);

const databaseName = `roletrail_${$app.stage.replaceAll(/[^a-z0-9_]/g, "_")}`;
export const database = new aws.glue.CatalogDatabase("Database", {
  name: databaseName,
  locationUri: $interpolate`s3://${facts.bucket}/`,
  description: "Roletrail: CloudTrail as it lies, and the facts made of it",
});

const struct = (fields: Readonly<Record<string, string>>): string =>
  `struct<${Object.entries(fields)
    .map(([name, type]) => `${name}:${type}`)
    .join(",")}>`;
const strings = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, "string"]));

const userIdentity = struct({
  ...strings("type", "principalid", "arn", "accountid", "accesskeyid", "username", "invokedby", "identityprovider"),
  sessioncontext: struct({
    attributes: struct(strings("mfaauthenticated", "creationdate")),
    sessionissuer: struct(strings("type", "principalid", "arn", "accountid", "username")),
    // Missing from AWS's own table definition, and the only name of a person that survives a chain.
    sourceidentity: "string",
    assumedroot: "string",
  }),
  onbehalfof: struct(strings("userid", "identitystorearn")),
});

const rawColumns: readonly (readonly [string, string])[] = [
  ["eventversion", "string"],
  ["useridentity", userIdentity],
  ...["eventtime", "eventsource", "eventname", "awsregion", "sourceipaddress", "useragent"].map(asText),
  ...["errorcode", "errormessage", "requestparameters", "responseelements", "additionaleventdata"].map(asText),
  ...["requestid", "eventid", "readonly", "apiversion"].map(asText),
  ["resources", `array<${struct(strings("arn", "accountid", "type"))}>`],
  ...["eventtype", "recipientaccountid", "serviceeventdetails", "sharedeventid", "vpcendpointid"].map(asText),
  ...["eventcategory", "addendum", "managementevent", "sessioncredentialfromconsole"].map(asText),
  ["tlsdetails", struct(strings("tlsversion", "ciphersuite", "clientprovidedhostheader"))],
];

function asText(name: string): readonly [string, string] {
  return [name, "string"];
}

const raw = $interpolate`s3://${logs.bucket}/${logs.prefix}AWSLogs/${organisation}`;

/**
 * The logs where they lie. Partitions are projected, so that none is ever added by hand; only the facts function asks
 * this table, naming account, Region and day of the files that it lists. Enumerated, an account that joined after the
 * last deployment would be read as if it had no records.
 */
new aws.glue.CatalogTable("RawTable", {
  databaseName: database.name,
  name: "cloudtrail_raw",
  tableType: "EXTERNAL_TABLE",
  partitionKeys: [
    { name: "account", type: "string" },
    { name: "region", type: "string" },
    { name: "day", type: "string" },
  ],
  parameters: {
    EXTERNAL: "TRUE",
    classification: "cloudtrail",
    "projection.enabled": "true",
    "projection.account.type": "injected",
    "projection.region.type": "injected",
    "projection.day.type": "date",
    "projection.day.format": "yyyy/MM/dd",
    "projection.day.range": `${trailSince},NOW`,
    "projection.day.interval": "1",
    "projection.day.interval.unit": "DAYS",
    "storage.location.template": $interpolate`${raw}/\${account}/CloudTrail/\${region}/\${day}`,
  },
  storageDescriptor: {
    location: $interpolate`${raw}/`,
    inputFormat: "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
    outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    serDeInfo: { serializationLibrary: "org.apache.hive.hcatalog.data.JsonSerDe" },
    columns: rawColumns.map(([name, type]) => ({ name, type })),
  },
});

/** A query that would read more is cancelled by Athena itself, and pays for what it had read. */
const workgroup = (name: string, description: string, bytesMax: number): aws.athena.Workgroup =>
  new aws.athena.Workgroup(`${name[0]?.toUpperCase()}${name.slice(1)}Workgroup`, {
    name: nameOf(name),
    description: `${description}; at most $${((bytesMax / 1024 ** 4) * dollarsPerTB).toFixed(3)} a query`,
    configuration: {
      enforceWorkgroupConfiguration: true,
      publishCloudwatchMetricsEnabled: true,
      bytesScannedCutoffPerQuery: bytesMax,
      engineVersion: { selectedEngineVersion: "Athena engine version 3" },
      resultConfiguration: {
        outputLocation: $interpolate`s3://${results.bucket}/${name}/`,
        expectedBucketOwner: account,
        encryptionConfiguration: { encryptionOption: "SSE_S3" },
      },
    },
  });

/** A page's panel: 10 GB is $0.049 at $5 a TB. */
export const pages = workgroup("pages", "Questions of the catalogue", 10 * GB);
/** Hand-written SQL of an auditor: 100 GB is $0.488. */
export const adhoc = workgroup("adhoc", "Hand-written SQL of auditors", 100 * GB);
/** A whole day's delivery of a large organisation and the merges after it: 1 TB is $5. */
export const refresh = workgroup("refresh", "The facts function", 1024 * GB);

const catalogArn = `arn:aws:glue:${region}:${account}:catalog`;
const databaseArn = `arn:aws:glue:${region}:${account}:database/${databaseName}`;
const tablesArn = `arn:aws:glue:${region}:${account}:table/${databaseName}/*`;

const runs = (group: aws.athena.Workgroup): Statement => ({
  sid: "RunQueries",
  actions: [
    "athena:StartQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:StopQueryExecution",
  ],
  resources: [group.arn],
});

const keepsResults = (name: string): readonly Statement[] => [
  {
    sid: "KeepResults",
    actions: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
    resources: [$interpolate`${results.arn}/${name}/*`],
  },
  { sid: "FindResults", actions: ["s3:GetBucketLocation", "s3:ListBucket"], resources: [results.arn] },
];

const readsFacts: readonly Statement[] = [
  {
    sid: "ReadCatalogue",
    actions: ["glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartitions"],
    resources: [catalogArn, databaseArn, tablesArn],
  },
  { sid: "ReadFacts", actions: ["s3:GetObject"], resources: [$interpolate`${facts.arn}/*`] },
  { sid: "FindFacts", actions: ["s3:GetBucketLocation", "s3:ListBucket"], resources: [facts.arn] },
];

export const asks: readonly Statement[] = [runs(pages), ...keepsResults("pages"), ...readsFacts];

/** Hand-written SQL runs as this role and no other, so that no clever statement reaches what `ask` itself may. */
export const adhocRole = (asker: $util.Input<string>): aws.iam.Role =>
  new aws.iam.Role("AdhocRole", {
    name: nameOf("adhoc"),
    description: "Hand-written SQL over the facts; taken by the ask function alone",
    assumeRolePolicy: trustOf({ AWS: asker }),
    maxSessionDuration: 3600,
    inlinePolicies: [{ name: "all", policy: policyOf([runs(adhoc), ...keepsResults("adhoc"), ...readsFacts]) }],
  });

export const writesFacts: readonly Statement[] = [
  runs(refresh),
  ...keepsResults("refresh"),
  ...readsFacts,
  {
    sid: "WriteCatalogue",
    actions: ["glue:CreateTable", "glue:UpdateTable"],
    resources: [catalogArn, databaseArn, tablesArn],
  },
  {
    sid: "WriteFacts",
    // Compaction and expiry of snapshots delete files that no snapshot names any more.
    actions: ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
    resources: [$interpolate`${facts.arn}/*`],
  },
  {
    sid: "ReadLogs",
    actions: ["s3:GetObject"],
    resources: [$interpolate`${logsArn}/${logs.prefix}AWSLogs/${organisation}/*`],
  },
  { sid: "FindLogs", actions: ["s3:GetBucketLocation", "s3:ListBucket"], resources: [logsArn] },
];

/** What `ask` needs to find the facts. */
export const athena = {
  ROLETRAIL_ATHENA_DATABASE: databaseName,
  ROLETRAIL_ATHENA_WORKGROUP: nameOf("pages"),
};

/** Hand-written SQL: another workgroup, and a role that the ask function takes for it. */
export const adhocPlaces = {
  ROLETRAIL_ATHENA_ADHOC_ROLE: roleArn("adhoc"),
  ROLETRAIL_ATHENA_ADHOC_WORKGROUP: nameOf("adhoc"),
};

export const factsPlaces = {
  ROLETRAIL_ATHENA_DATABASE: databaseName,
  ROLETRAIL_ATHENA_WORKGROUP: nameOf("refresh"),
  ROLETRAIL_FACTS: $interpolate`s3://${facts.bucket}/`,
  ROLETRAIL_TRAIL: $interpolate`s3://${logs.bucket}/${logs.prefix}AWSLogs/${organisation}`,
};

/** Answers over 4 MB, which Lambda does not carry: web fetches them by a link of one minute. */
export const answers = { ROLETRAIL_ANSWERS: $interpolate`s3://${results.bucket}/answers/` };
export const leavesAnswers: readonly Statement[] = [
  {
    sid: "LeaveAnswers",
    actions: ["s3:GetObject", "s3:PutObject"],
    resources: [$interpolate`${results.arn}/answers/*`],
  },
];
