/// <reference path="../.sst/platform/config.d.ts" />
import { createHash } from "node:crypto";
import { bucketPolicy, onlyWrittenBy, shut, versioned } from "./bucket.ts";
import type { Statement } from "./lambda.ts";
import { accessAdmin, accessText } from "./settings.ts";

/**
 * The access file: an object whose every version stays, in a bucket that one role writes, and that is neither a function's
 * nor who deploys the app. Functions are told which version, and the hash of what it holds (core/access-s3.ts).
 */
const bucket = new aws.s3.Bucket("Access", { bucketPrefix: `roletrail-${$app.stage}-access-` }, { protect: true });
const versions = versioned("Access", bucket);

const file = new aws.s3.BucketObjectv2(
  "AccessFile",
  { bucket: bucket.id, key: "access.yaml", content: accessText, contentType: "application/yaml" },
  { dependsOn: [versions], protect: true },
);
// After the first version: the first deployment is the issuer's admin's, who may be another than this one.
bucketPolicy("Access", bucket, [onlyWrittenBy(accessAdmin, bucket)], [file, shut("Access", bucket)]);

export const accessPlaces = {
  ROLETRAIL_ACCESS: $interpolate`s3://${bucket.bucket}/access.yaml`,
  ROLETRAIL_ACCESS_VERSION: file.versionId,
  ROLETRAIL_ACCESS_SHA256: createHash("sha256").update(accessText).digest("hex"),
};

/** That version, by its id: without one S3 asks for another right, which nobody has. */
export const readsAccess: Statement = {
  sid: "ReadAccessFile",
  actions: ["s3:GetObjectVersion"],
  resources: [$interpolate`${bucket.arn}/access.yaml`],
};
