/// <reference path="../.sst/platform/config.d.ts" />
import { bucketPolicy, locked, shut, versioned } from "./bucket.ts";
import { account, adoptedTrail, organisation, region } from "./settings.ts";

/**
 * The organisation's CloudTrail logs. Where a trail exists it is adopted: read, never recreated, never changed, and
 * `roletrail doctor --aws` says whether it is multi-region, logging and validated. Where none is, one is made here; this
 * account must then be the organisation's management account or its delegated administrator for CloudTrail.
 */
const made = adoptedTrail === undefined ? make() : undefined;

export const logs = {
  bucket: made?.bucket.bucket ?? $output(adoptedTrail?.bucket ?? ""),
  /** Ends with a slash, or is empty. */
  prefix: adoptedTrail?.prefix ?? "",
};
export const logsArn = $interpolate`arn:aws:s3:::${logs.bucket}`;

function make() {
  const name = `roletrail-${$app.stage}-trail`;
  const trailArn = `arn:aws:cloudtrail:${region}:${account}:trail/${name}`;
  const bucket = new aws.s3.Bucket(
    "TrailLogs",
    { bucketPrefix: `roletrail-${$app.stage}-trail-`, objectLockEnabled: true },
    { protect: true },
  );
  shut("TrailLogs", bucket);
  versioned("TrailLogs", bucket);
  // A year: longer than the longest investigation we were told of, and payable.
  const lock = locked("TrailLogs", bucket, { days: 365 });
  const policy = bucketPolicy("TrailLogs", bucket, [
    {
      Sid: "CloudTrailLooks",
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: "s3:GetBucketAcl",
      Resource: bucket.arn,
      Condition: { StringEquals: { "aws:SourceArn": trailArn } },
    },
    {
      Sid: "CloudTrailDelivers",
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: [
        $interpolate`${bucket.arn}/AWSLogs/${account}/*`,
        $interpolate`${bucket.arn}/AWSLogs/${organisation}/*`,
      ],
      Condition: { StringEquals: { "aws:SourceArn": trailArn, "s3:x-amz-acl": "bucket-owner-full-control" } },
    },
  ]);
  new aws.cloudtrail.Trail(
    "Trail",
    {
      name,
      s3BucketName: bucket.bucket,
      isOrganizationTrail: true,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      enableLogging: true,
    },
    { dependsOn: [policy, lock], protect: true },
  );
  return { bucket };
}
