/// <reference path="../.sst/platform/config.d.ts" />
import { createHash, createPublicKey } from "node:crypto";
import { bucketPolicy, onlyWrittenBy, shut, versioned } from "./bucket.ts";
import { roleArn } from "./lambda.ts";
import { account, issuerAdmin, issuerDomain, issuerKeys } from "./settings.ts";

/**
 * Roletrail as an OpenID Connect issuer for STS: two static files under a host name of its own. Whoever can write them can
 * become any role that trusts the issuer, so nobody can but the issuer's admin: not web, not a function, and, once the
 * first deployment made them, not who deploys the app. Their content is worked out here, from the keys in KMS.
 */
export const issuerUrl = `https://${issuerDomain}`;

/** Who may use the private halves: the mint function's role, and nobody else whatever their own policies say. */
const keyPolicy = $jsonStringify({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "OnlyMintSigns",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: "kms:Sign",
      Resource: "*",
      Condition: { ArnEquals: { "aws:PrincipalArn": roleArn("mint") } },
    },
    {
      Sid: "NobodyElseSigns",
      Effect: "Deny",
      Principal: "*",
      Action: ["kms:Sign", "kms:CreateGrant"],
      Resource: "*",
      Condition: { ArnNotEquals: { "aws:PrincipalArn": roleArn("mint") } },
    },
    {
      Sid: "AccountSees",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: [
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:GetPublicKey",
        "kms:ListGrants",
        "kms:ListKeyPolicies",
        "kms:ListResourceTags",
      ],
      Resource: "*",
    },
    {
      Sid: "IssuerAdminKeepsTheKey",
      Effect: "Allow",
      Principal: { AWS: issuerAdmin },
      Action: [
        "kms:PutKeyPolicy",
        "kms:UpdateKeyDescription",
        "kms:DisableKey",
        "kms:EnableKey",
        "kms:ScheduleKeyDeletion",
        "kms:CancelKeyDeletion",
        "kms:TagResource",
        "kms:UntagResource",
      ],
      Resource: "*",
    },
  ],
});

const keys = issuerKeys.map(
  (name) =>
    new aws.kms.Key(
      `IssuerKey${name}`,
      {
        description: `Roletrail's issuer ${issuerDomain}, key ${name}`,
        keyUsage: "SIGN_VERIFY",
        customerMasterKeySpec: "ECC_NIST_P256",
        deletionWindowInDays: 30,
        policy: keyPolicy,
      },
      { protect: true },
    ),
);

/** The one that signs now; the others are published so that a change of keys finds them in every cache. */
const signing = keys[0];
if (signing === undefined) throw new Error("The issuer needs a key.");
export const signingKeyArn = signing.arn;
export const keyArns = keys.map(({ arn }) => arn);
/** As functions are told them: the one that signs first. */
export const keyList = $util.all(keyArns).apply((arns) => arns.join(","));

const bucket = new aws.s3.Bucket("IssuerFiles", { bucketPrefix: `roletrail-${$app.stage}-issuer-` }, { protect: true });
versioned("IssuerFiles", bucket);

const access = new aws.cloudfront.OriginAccessControl("IssuerAccess", {
  name: `roletrail-${$app.stage}-issuer`,
  originAccessControlOriginType: "s3",
  signingBehavior: "always",
  signingProtocol: "sigv4",
});

/** No viewer is turned away here, whatever the app's allow-list says: STS itself fetches these files. */
const cdn = new sst.aws.Cdn("Issuer", {
  comment: "Roletrail issuer: discovery and key set",
  domain: issuerDomain,
  origins: [{ originId: "files", domainName: bucket.bucketRegionalDomainName, originAccessControlId: access.id }],
  defaultCacheBehavior: {
    targetOriginId: "files",
    viewerProtocolPolicy: "https-only",
    allowedMethods: ["GET", "HEAD"],
    cachedMethods: ["GET", "HEAD"],
    compress: true,
    // Managed-CachingOptimized: the files' own Cache-Control decides.
    cachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
  },
});

/** Allow: this distribution reads. Deny: whoever is not the issuer's admin neither writes nor loosens this policy. */
const closed = bucketPolicy(
  "IssuerFiles",
  bucket,
  [
    {
      Sid: "DistributionReads",
      Effect: "Allow",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Action: "s3:GetObject",
      Resource: $interpolate`${bucket.arn}/*`,
      Condition: { StringEquals: { "AWS:SourceArn": cdn.nodes.distribution.arn } },
    },
    onlyWrittenBy(issuerAdmin, bucket),
  ],
  [shut("IssuerFiles", bucket)],
);

const discovery = {
  issuer: issuerUrl,
  jwks_uri: `${issuerUrl}/jwks.json`,
  // OpenID Connect Discovery requires one; nobody signs in here.
  authorization_endpoint: `${issuerUrl}/none`,
  response_types_supported: ["id_token"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["ES256"],
  claims_supported: ["iss", "sub", "aud", "iat", "exp", "jti"],
};

const keySet = $util
  .all(keys.map(({ id }) => aws.kms.getPublicKeyOutput({ keyId: id }).publicKey))
  .apply((published) => JSON.stringify({ keys: published.map(jwkOf) }));

/** KMS answers SubjectPublicKeyInfo in base64. The id is RFC 7638's thumbprint, as the mint function reckons it. */
function jwkOf(publicKey: string) {
  const { crv, x, y } = createPublicKey({
    key: Buffer.from(publicKey, "base64"),
    format: "der",
    type: "spki",
  }).export({ format: "jwk" });
  const kid = createHash("sha256")
    .update(JSON.stringify({ crv, kty: "EC", x, y }))
    .digest("base64url");
  return { kty: "EC", crv, x, y, kid, use: "sig", alg: "ES256" };
}

const file = (name: string, key: string, content: $util.Input<string>): aws.s3.BucketObjectv2 =>
  new aws.s3.BucketObjectv2(
    name,
    {
      bucket: bucket.id,
      key,
      content,
      contentType: "application/json",
      // STS keeps its own copy for as long as it likes; ours must not add a day to that.
      cacheControl: "public, max-age=300",
    },
    { dependsOn: closed },
  );
file("IssuerDiscovery", ".well-known/openid-configuration", JSON.stringify(discovery));
file("IssuerKeySet", "jwks.json", keySet);
