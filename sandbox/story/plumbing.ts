import { accounts, externalIds, memberKeys, organisationId, trailBucket } from "./accounts.ts";
import { day, hour, weekdayOf } from "./clock.ts";
import { chore } from "./machines.ts";
import { roleId } from "./organisation.ts";
import { Random } from "./random.ts";
import { type Fields, foreignIdentity, serviceIdentity } from "./shapes.ts";
import type { Happening, Stage } from "./stage.ts";
import { type Asker, assumeRole, roleOf } from "./sts.ts";

const callers = ["cloudtrail", "logs", "dynamodb", "s3", "secretsmanager", "elasticfilesystem"] as const;

/** Calls of AWS's own services, in no session, in bursts: a good part of what a trail holds. */
export function plumbing(stage: Stage, random: Random, midnight: number): void {
  for (let burst = 0; burst < 80; burst += 1) {
    const service = random.pick(callers);
    const account = service === "cloudtrail" ? "security" : random.pick(memberKeys);
    const name = `${service}.amazonaws.com`;
    let at = midnight + Math.floor(random.unit() * day);
    for (let calls = random.int(6, 30); calls > 0; calls -= 1) {
      const what = service === "cloudtrail" ? aclCheck(random) : keyUse(random, account, name);
      const where = { ip: name, agent: name };
      stage.happen({ account, at, identity: serviceIdentity(name), where, ...what });
      at += random.int(0, 12);
    }
  }
}

type What = Pick<Happening, "action" | "more">;

const aclCheck = (random: Random): What => ({
  action: {
    source: "s3",
    name: "GetBucketAcl",
    readOnly: true,
    parameters: { bucketName: trailBucket, Host: `${trailBucket}.s3.eu-central-1.amazonaws.com`, acl: "" },
  },
  more: resource(random, accounts.security, "AWS::S3::Bucket", `arn:aws:s3:::${trailBucket}`),
});

function keyUse(random: Random, account: (typeof memberKeys)[number], service: string): What {
  const key = `arn:aws:kms:eu-central-1:${accounts[account]}:key/${new Random("kms", account).uuid()}`;
  const encryptionContext = { "aws:service": service, "aws:organization": organisationId };
  return {
    action: {
      source: "kms",
      name: random.pick(["Decrypt", "GenerateDataKey"]),
      readOnly: true,
      parameters: { keyId: key, encryptionContext },
    },
    more: resource(random, accounts[account], "AWS::KMS::Key", key),
  };
}

const resource = (random: Random, accountId: string, type: string, ARN: string): Fields => ({
  resources: [{ accountId, type, ARN }],
  sharedEventID: random.uuid(),
});

/** Acme's collector comes every Tuesday with the external id of the contract. Its own account's copy is Acme's. */
export function supplierOn(stage: Stage, random: Random, midnight: number): void {
  if (weekdayOf(midnight) !== 2) return;
  const principalId = `${roleId("vendor", "AcmeCollector")}:collector`;
  const where = {
    ip: "198.51.100.77",
    agent: "Boto3/1.40.2 md/Botocore#1.40.2 ua/2.1 os/linux#5.10.240 lang/python#3.11.9 exec-env/AWS_Lambda_python3.11",
  };
  const asker: Asker = {
    account: "vendor",
    identity: foreignIdentity(principalId, "vendor"),
    name: roleOf("vendor", "AcmeCollector").arn,
    principalId,
    arn: `arn:aws:sts::${accounts.vendor}:assumed-role/AcmeCollector/collector`,
    where,
  };
  const session = assumeRole(stage, random, asker, roleOf("prodWeb", "VendorMonitoring"), {
    at: midnight + 6 * hour + random.int(60, 900),
    sessionName: "acme-collector",
    seconds: 3600,
    origin: "supplier",
    callerOutside: true,
    parameters: { externalId: externalIds.vendorMonitoring },
  });
  if (session !== null) chore(stage, random, session, ["metric", "inventory"], 40, 40);
}
