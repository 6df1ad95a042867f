// What AWS would answer while a deployment is worked out: just enough for SST's components to go on, and nothing that an
// assertion rests on. Names come back as given, ARNs as AWS writes them.
import { generateKeyPairSync } from "node:crypto";

const account = process.env.ROLETRAIL_DEPLOY_ACCOUNT;
const region = process.env.ROLETRAIL_DEPLOY_REGION;

const arnOf = {
  "aws:lambda/function:Function": ({ name }) => `arn:aws:lambda:${region}:${account}:function:${name}`,
  "aws:iam/role:Role": ({ name }) => `arn:aws:iam::${account}:role/${name}`,
  "aws:s3/bucket:Bucket": ({ bucket }) => `arn:aws:s3:::${bucket}`,
  "aws:dynamodb/table:Table": ({ name }) => `arn:aws:dynamodb:${region}:${account}:table/${name}`,
  "aws:kms/key:Key": (_, logical) => `arn:aws:kms:${region}:${account}:key/${logical}`,
  "aws:athena/workgroup:Workgroup": ({ name }) => `arn:aws:athena:${region}:${account}:workgroup/${name}`,
  "aws:cloudfront/distribution:Distribution": (_, logical) => `arn:aws:cloudfront::${account}:distribution/${logical}`,
  "aws:lb/targetGroup:TargetGroup": ({ name }) =>
    `arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${name}/0123456789abcdef`,
  "aws:sns/topic:Topic": ({ name }) => `arn:aws:sns:${region}:${account}:${name}`,
  "aws:secretsmanager/secret:Secret": ({ name }) => `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`,
};

export function answerResource(type, logical, inputs) {
  // `bucketPrefix` becomes a name at AWS; here the logical name stands in for the random part.
  const named = {
    name: logical,
    bucket: inputs.bucket ?? `${inputs.bucketPrefix ?? ""}${logical.toLowerCase()}`,
    ...inputs,
  };
  const arn = arnOf[type]?.(named, logical) ?? `arn:aws:mock:${region}:${account}:${type}/${logical}`;
  return {
    id: type.startsWith("aws:s3/") ? named.bucket : `${logical}-id`,
    state: {
      ...named,
      arn,
      qualifiedArn: `${arn}:1`,
      codeSha256: "code",
      base64: Buffer.alloc(32, 7).toString("base64"),
      keyId: logical,
      domainName: `${logical.toLowerCase()}.cloudfront.test`,
      dnsName: `internal-${logical.toLowerCase()}.${region}.elb.amazonaws.com`,
      zoneId: "Z215JYRZR1TBD5",
      hostedZoneId: "Z2FDTNDATAQYW2",
      etag: "etag",
      versionId: `version-of-${logical}`,
      functionUrl: `https://${logical.toLowerCase()}.lambda-url.${region}.on.aws/`,
      bucketRegionalDomainName: `${named.bucket}.s3.${region}.amazonaws.com`,
      domainValidationOptions: [
        {
          domainName: named.domainName,
          resourceRecordName: "_x.test",
          resourceRecordType: "CNAME",
          resourceRecordValue: "_y.test",
        },
      ],
    },
  };
}

export function answerCall(token, inputs) {
  const answer = calls[token];
  if (answer === undefined) throw new Error(`The mocks do not know the call ${token} ${JSON.stringify(inputs)}`);
  return answer(inputs);
}

const calls = {
  "aws:index/getRegion:getRegion": ({ region: asked }) => ({
    region: asked ?? region,
    name: asked ?? region,
    id: asked ?? region,
  }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({ accountId: account, id: account }),
  "aws:index/getPartition:getPartition": () => ({ partition: "aws", dnsSuffix: "amazonaws.com" }),
  "aws:route53/getZone:getZone": ({ name }) => ({ zoneId: "Z0000000000000000000", name }),
  "aws:kms/getPublicKey:getPublicKey": ({ keyId }) => ({ keyId, publicKey: publicKeyOf(keyId) }),
  "aws:iam/getPolicyDocument:getPolicyDocument": ({ statements = [] }) => ({
    // SST asks for the statements themselves, too: without them it drops the policy.
    statements,
    json: JSON.stringify({ Version: "2012-10-17", Statement: statements.map(statementOf) }),
  }),
};

const keys = new Map();
function publicKeyOf(id) {
  if (!keys.has(id)) keys.set(id, generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
  return keys.get(id).export({ type: "spki", format: "der" }).toString("base64");
}

function statementOf({ effect, actions, resources, principals, conditions }) {
  const conditionOf = {};
  for (const { test, variable, values } of conditions ?? []) {
    conditionOf[test] ??= {};
    conditionOf[test][variable] = values;
  }
  return {
    Effect: effect ?? "Allow",
    ...(principals === undefined
      ? {}
      : { Principal: Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers])) }),
    Action: actions,
    ...(resources === undefined ? {} : { Resource: resources }),
    ...(conditions === undefined ? {} : { Condition: conditionOf }),
  };
}
