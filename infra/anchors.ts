/// <reference path="../.sst/platform/config.d.ts" />
import { bucketPolicy, locked, shut, versioned } from "./bucket.ts";

/**
 * Where the ledger's heads are anchored: objects that nobody can change or remove for seven years, root included. It is
 * empty until the anchoring function exists; the bucket is made first because Object Lock's years begin with the object.
 */
const bucket = new aws.s3.Bucket(
  "Anchors",
  { bucketPrefix: `roletrail-${$app.stage}-anchors-`, objectLockEnabled: true },
  { protect: true },
);
shut("Anchors", bucket);
versioned("Anchors", bucket);
locked("Anchors", bucket, { years: 7 });
bucketPolicy("Anchors", bucket, [
  {
    Sid: "NobodyOverwrites",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:PutObject",
    Resource: $interpolate`${bucket.arn}/*`,
    // A put that does not demand to be the first of its name.
    Condition: { Null: { "s3:if-none-match": "true" } },
  },
]);
