/// <reference path="../.sst/platform/config.d.ts" />
import { bucketPolicy, locked, shut, versioned } from "./bucket.ts";
import { roleArn, type Statement } from "./lambda.ts";
import { account, adoptedAnchors } from "./settings.ts";

/**
 * Where the ledger's heads are anchored: objects that nobody can change or remove for seven years, root included. A bucket
 * of another account is better where there is one: it is adopted, and its own account's to lock.
 */
const bucket = adoptedAnchors === undefined ? make() : undefined;
const name = bucket?.bucket ?? $output(adoptedAnchors?.bucket ?? "");
const prefix = adoptedAnchors?.prefix ?? "heads/";

function make(): aws.s3.Bucket {
  const made = new aws.s3.Bucket(
    "Anchors",
    { bucketPrefix: `roletrail-${$app.stage}-anchors-`, objectLockEnabled: true },
    { protect: true },
  );
  shut("Anchors", made);
  versioned("Anchors", made);
  locked("Anchors", made, { years: 7 });
  bucketPolicy("Anchors", made, [
    {
      Sid: "NobodyOverwrites",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:PutObject",
      Resource: $interpolate`${made.arn}/*`,
      // A put that does not demand to be the first of its name.
      Condition: { Null: { "s3:if-none-match": "true" } },
    },
    {
      Sid: "OnlyAnchorPuts",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:PutObject",
      Resource: $interpolate`${made.arn}/*`,
      Condition: { ArnNotEquals: { "aws:PrincipalArn": roleArn("anchor") } },
    },
  ]);
  return made;
}

/** Signs for the anchor function alone; whoever reads an anchor knows by it that it is one of ours. */
const key = new aws.kms.Key(
  "AnchorKey",
  {
    description: "Roletrail: signs the anchors of the ledger",
    keyUsage: "SIGN_VERIFY",
    customerMasterKeySpec: "ECC_NIST_P256",
    deletionWindowInDays: 30,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AccountKeepsIt",
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: [
            "kms:CancelKeyDeletion",
            "kms:DescribeKey",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:GetPublicKey",
            "kms:ListGrants",
            "kms:ListKeyPolicies",
            "kms:ListResourceTags",
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:Sign",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateKeyDescription",
          ],
          Resource: "*",
        },
        {
          Sid: "NobodyElseSigns",
          Effect: "Deny",
          Principal: "*",
          Action: ["kms:Sign", "kms:CreateGrant"],
          Resource: "*",
          Condition: { ArnNotEquals: { "aws:PrincipalArn": roleArn("anchor") } },
        },
      ],
    }),
  },
  { protect: true },
);

export const anchorPlaces = {
  ROLETRAIL_ANCHORS: $interpolate`s3://${name}/${prefix}`,
  ROLETRAIL_ANCHOR_KEY: key.arn,
};

const objects = $interpolate`arn:aws:s3:::${name}/${prefix}*`;

/** The newest anchor, and whether it is ours. */
export const readsAnchors: readonly Statement[] = [
  { sid: "ReadAnchors", actions: ["s3:GetObject"], resources: [objects] },
  { sid: "FindAnchors", actions: ["s3:ListBucket"], resources: [$interpolate`arn:aws:s3:::${name}`] },
  { sid: "KnowAnchorKey", actions: ["kms:GetPublicKey"], resources: [key.arn] },
];

export const putsAnchors: readonly Statement[] = [
  ...readsAnchors,
  { sid: "PutAnchors", actions: ["s3:PutObject"], resources: [objects] },
  { sid: "SignAnchors", actions: ["kms:Sign"], resources: [key.arn] },
];
