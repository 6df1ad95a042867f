/// <reference path="../.sst/platform/config.d.ts" />

/** Raw buckets, not SST's: those are emptied when a stage is removed, and let every distribution of AWS read them. */
export const shut = (name: string, bucket: aws.s3.Bucket): aws.s3.BucketPublicAccessBlock =>
  new aws.s3.BucketPublicAccessBlock(`${name}Shut`, {
    bucket: bucket.id,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });

export const versioned = (name: string, bucket: aws.s3.Bucket): aws.s3.BucketVersioning =>
  new aws.s3.BucketVersioning(`${name}Versions`, {
    bucket: bucket.id,
    versioningConfiguration: { status: "Enabled" },
  });

/** Not even root shortens or lifts it. */
export const locked = (
  name: string,
  bucket: aws.s3.Bucket,
  time: { readonly days: number } | { readonly years: number },
): aws.s3.BucketObjectLockConfiguration =>
  new aws.s3.BucketObjectLockConfiguration(`${name}Lock`, {
    bucket: bucket.id,
    rule: { defaultRetention: { mode: "COMPLIANCE", ...time } },
  });

/** Whoever is not this role neither writes, nor removes a version, nor loosens the policy that says so. */
export const onlyWrittenBy = (admin: string, bucket: aws.s3.Bucket): $util.Inputs => ({
  Sid: "OnlyItsAdminWrites",
  Effect: "Deny",
  Principal: "*",
  Action: [
    "s3:PutObject*",
    "s3:DeleteObject*",
    "s3:RestoreObject",
    "s3:Replicate*",
    "s3:PutBucket*",
    "s3:DeleteBucket*",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
  ],
  Resource: [bucket.arn, $interpolate`${bucket.arn}/*`],
  Condition: { ArnNotEquals: { "aws:PrincipalArn": admin } },
});

/** A bucket has one policy: these statements, and no plain HTTP. */
export const bucketPolicy = (
  name: string,
  bucket: aws.s3.Bucket,
  statements: readonly $util.Inputs[],
  after: readonly $util.Resource[] = [],
): aws.s3.BucketPolicy =>
  new aws.s3.BucketPolicy(
    `${name}Policy`,
    {
      bucket: bucket.id,
      policy: $jsonStringify({
        Version: "2012-10-17",
        Statement: [
          ...statements,
          {
            Sid: "OnlyTls",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [bucket.arn, $interpolate`${bucket.arn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      }),
    },
    { dependsOn: [...after] },
  );
