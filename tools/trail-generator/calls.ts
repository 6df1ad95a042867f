import type { Random } from "#/sandbox/story/random.ts";
import type { Action } from "./records.ts";

/** What sessions call, with parameters about as long as real ones. */
const actions: readonly ((random: Random) => Action)[] = [
  (random) => ({
    source: "ec2",
    name: "DescribeInstances",
    readOnly: true,
    parameters: `{"maxResults":100,"instancesSet":{"items":[{"instanceId":"i-${random.hex(17)}"}]},"filterSet":{"items":[{"name":"tag:service","valueSet":{"items":[{"value":"svc-${random.int(1, 80)}"}]}}]}}`,
  }),
  (random) => ({
    source: "secretsmanager",
    name: "GetSecretValue",
    readOnly: true,
    parameters: `{"secretId":"arn:aws:secretsmanager:eu-central-1:100020003000:secret:db-${random.int(1, 200)}-${random.hex(6)}","versionStage":"AWSCURRENT"}`,
  }),
  (random) => ({
    source: "kms",
    name: "Decrypt",
    readOnly: true,
    parameters: `{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::lake-${random.int(1, 60)}/part-${random.hex(12)}"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}`,
  }),
  (random) => ({
    source: "athena",
    name: "StartQueryExecution",
    readOnly: false,
    parameters: `{"workGroup":"team-${random.int(1, 20)}","queryString":"***","clientRequestToken":"${random.uuid()}","queryExecutionContext":{"database":"lake"}}`,
    response: `{"queryExecutionId":"${random.uuid()}"}`,
  }),
  () => ({ source: "s3", name: "ListBuckets", readOnly: true, parameters: `{"Host":"s3.eu-central-1.amazonaws.com"}` }),
  (random) => ({
    source: "ecs",
    name: "DescribeTasks",
    readOnly: true,
    parameters: `{"cluster":"shop-${random.int(1, 9)}","tasks":["${random.hex(32)}","${random.hex(32)}"],"include":["TAGS"]}`,
  }),
  (random) => ({
    source: "logs",
    name: "FilterLogEvents",
    readOnly: true,
    parameters: `{"logGroupName":"/aws/lambda/fn-${random.int(1, 90)}","startTime":${random.bits()},"limit":${random.int(10, 1000)},"interleaved":true}`,
  }),
  (random) => ({
    source: "iam",
    name: "GetRole",
    readOnly: true,
    parameters: `{"roleName":"Reader${random.int(1, 40)}"}`,
  }),
  (random) => ({
    source: "cloudformation",
    name: "DescribeStackEvents",
    readOnly: true,
    parameters: `{"stackName":"stack-${random.int(1, 120)}","nextToken":"${random.hex(40)}"}`,
  }),
  (random) => ({
    source: "dynamodb",
    name: "DescribeTable",
    readOnly: true,
    parameters: `{"tableName":"orders-${random.int(1, 30)}"}`,
  }),
];

export const action = (random: Random): Action => random.pick(actions)(random);

const agents = [
  "aws-cli/2.31.4 md/awscrt#0.28.2 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython cfg/retry-mode#standard md/command#run",
  "aws-sdk-js/3.1090.0 ua/2.1 os/linux#6.1.141 lang/js md/nodejs#22.19.0 api/client#3.1090.0 m/E,N",
  "Boto3/1.43.1 md/Botocore#1.43.1 ua/2.1 os/linux#6.1.141 md/arch#aarch64 lang/python#3.12.11 exec-env/AWS_Lambda_python3.12",
  "APN/1.0 HashiCorp/1.0 Terraform/1.13.2 (+https://www.terraform.io) terraform-provider-aws/6.14.0 aws-sdk-go-v2/1.39.0",
] as const;

export const agent = (random: Random): string => random.pick(agents);
