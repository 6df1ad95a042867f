/// <reference path="../.sst/platform/config.d.ts" />
import { accessPlaces } from "./access.ts";
import { account, domain, issuerDomain, region } from "./settings.ts";
import { keys, ledger, state } from "./store.ts";

type Text = $util.Input<string>;

/** One statement of a role's only policy. `sid` says what it is for, in the policy itself. */
export interface Statement {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly Text[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, Text | readonly Text[]>>>>;
}

interface LambdaTerms {
  /** `functions/lambda/mint.handler` */
  readonly handler: string;
  readonly description: string;
  readonly may: readonly Statement[];
  readonly environment?: Readonly<Record<string, Text>>;
  readonly memory?: "512 MB" | "1024 MB" | "2048 MB";
  readonly timeout?: "10 seconds" | "30 seconds" | "60 seconds" | "900 seconds";
  /** At most this many at once; what else comes is turned away. */
  readonly atOnce?: number;
}

/** Physical names are plain, so that policies and target accounts can name them before they exist. */
export const nameOf = (name: string): string => `roletrail-${$app.stage}-${name}`;
export const functionArn = (name: string): string => `arn:aws:lambda:${region}:${account}:function:${nameOf(name)}`;
export const roleArn = (name: string): string => `arn:aws:iam::${account}:role/${nameOf(name)}`;

/**
 * A Lambda whose role trusts Lambda alone and holds one policy, written out: SST 4.17.1 would let everybody of the account
 * with sts:AssumeRole take the role, and adds AWS's managed policy that writes any log group.
 */
export function lambda(name: string, terms: LambdaTerms): sst.aws.Function {
  return new sst.aws.Function(`${capital(name)}Function`, {
    name: nameOf(name),
    handler: terms.handler,
    description: terms.description,
    // Node 20's end of life on Lambda was April 2026; the newest that SST and our lockfile both know.
    runtime: "nodejs22.x",
    architecture: "arm64",
    memory: terms.memory ?? "512 MB",
    timeout: terms.timeout ?? "30 seconds",
    nodejs: { format: "esm", loader: { ".sql": "text" }, sourcemap: false },
    logging: { format: "json", retention: "1 year" },
    ...(terms.atOnce === undefined ? {} : { concurrency: { reserved: terms.atOnce } }),
    environment: { ...everybody, ...terms.environment },
    transform: { role: (role) => sealRole(role, name, terms.may) },
  });
}

/** Exactly these statements and the function's own log group; nobody but Lambda takes the role. */
export function sealRole(role: aws.iam.RoleArgs, name: string, may: readonly Statement[]): undefined {
  role.name = nameOf(name);
  role.assumeRolePolicy = trustOf({ Service: "lambda.amazonaws.com" });
  role.managedPolicyArns = [];
  role.inlinePolicies = [{ name: "all", policy: policyOf([...may, ownLog(name)]) }];
}

const ownLog = (name: string): Statement => ({
  sid: "OwnLog",
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [`arn:aws:logs:${region}:${account}:log-group:/aws/lambda/${nameOf(name)}:*`],
});

export const trustOf = (principal: Readonly<Record<string, Text>>): $util.Output<string> =>
  $jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }],
  });

/** The policy as IAM takes it, in the order written. */
export const policyOf = (statements: readonly Statement[]): $util.Output<string> =>
  $jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map(({ sid, actions, resources, conditions }) => ({
      Sid: sid,
      Effect: "Allow",
      Action: [...actions],
      Resource: [...resources],
      ...(conditions === undefined ? {} : { Condition: conditions }),
    })),
  });

/** Settings of every function (docs/config.md). No secret: those are behind an ARN that a role must be allowed to read. */
const everybody = {
  ROLETRAIL_WORLD: `aws-${account}`,
  ROLETRAIL_URL: `https://${domain}`,
  ROLETRAIL_ISSUER: `https://${issuerDomain}`,
  ...accessPlaces,
  ROLETRAIL_STORE: $interpolate`dynamodb:${state.name},${ledger.name}`,
  ROLETRAIL_SECRETS: keys.arn,
};

export const readsStore: Statement = {
  sid: "ReadStore",
  actions: ["dynamodb:GetItem", "dynamodb:Query"],
  resources: [state.arn, ledger.arn],
};

/** Writes rows of these partitions and no others: DynamoDB checks the partition key itself. */
export const writesState = (...partitions: readonly string[]): Statement => ({
  sid: "WriteOwnRows",
  actions: ["dynamodb:UpdateItem"],
  resources: [state.arn],
  conditions: ofPartitions(partitions),
});

/** Adds to its own chains of the ledger; never an update or a deletion, never another function's chain. */
export const writesLedger = (name: string): Statement => ({
  sid: "AppendOwnLedger",
  actions: ["dynamodb:PutItem"],
  resources: [ledger.arn],
  conditions: ofPartitions(["ledger", `ledger#${name}-*`]),
});

// ForAllValues holds for a request without the key, too: hence the second condition.
const ofPartitions = (partitions: readonly string[]) => ({
  "ForAllValues:StringLike": { "dynamodb:LeadingKeys": partitions },
  Null: { "dynamodb:LeadingKeys": "false" },
});

export const readsKeys: Statement = {
  sid: "ReadKeys",
  actions: ["secretsmanager:GetSecretValue"],
  resources: [keys.arn],
};

/**
 * A way into a function that is one caller's own: an alias of its name (functions/doors.ts). Web's right to the function
 * itself does not reach an alias, nor this one the function.
 */
export const entersBy = (sid: string, into: string, caller: string): Statement => ({
  sid,
  actions: ["lambda:InvokeFunction"],
  resources: [`${functionArn(into)}:${caller}`],
});

/** The alias itself; it stands for the code as it is, for there are no versions here. */
export const door = (into: sst.aws.Function, of: string, caller: string): aws.lambda.Alias =>
  new aws.lambda.Alias(`${capital(of)}For${capital(caller)}`, {
    name: caller,
    functionName: into.name,
    functionVersion: "$LATEST",
    description: `For the ${caller} function alone`,
  });

const capital = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

/** A role of target accounts, by the name onboarding gives it, in our own organisation only. */
export const takes = (sid: string, role: string, organisation: string): Statement => ({
  sid,
  actions: ["sts:AssumeRole"],
  resources: [`arn:aws:iam::*:role/${role}`],
  conditions: { StringEquals: { "aws:ResourceOrgID": organisation } },
});
