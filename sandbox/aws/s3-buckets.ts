import { MalformedPolicy } from "#/core/iam/malformed.ts";
import { named } from "./authorize.ts";
import { AwsError, type AwsReply, type Call } from "./call.ts";
import { bucketNamed } from "./find.ts";
import { reply, type S3Call, type S3Path } from "./s3-call.ts";
import type { ObjectStore } from "./s3-store.ts";
import { unescapeXml, xml } from "./xml.ts";

/** The caller's account's own buckets. */
export function listBuckets(call: Call): AwsReply {
  call.authorize({ action: "s3:ListAllMyBuckets", resource: "*" });
  const buckets = call.account.buckets.map(({ name, createdAt }) =>
    xml("Bucket", { Name: name, CreationDate: createdAt }),
  );
  const owner = xml("Owner", { ID: call.account.id, DisplayName: call.account.name });
  return reply(
    `<ListAllMyBucketsResult xmlns="${namespace}">${owner}<Buckets>${buckets.join("")}</Buckets></ListAllMyBucketsResult>`,
  );
}

export function createBucket(store: ObjectStore, call: Call, { bucket }: S3Path): AwsReply {
  call.authorize({ action: "s3:CreateBucket", resource: `arn:aws:s3:::${bucket}` });
  if (!/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new AwsError("InvalidBucketName", "The specified bucket is not valid.");
  const taken = bucketNamed(call.organisation, bucket);
  if (taken?.account.id === call.account.id)
    throw new AwsError(
      "BucketAlreadyOwnedByYou",
      "Your previous request to create the named bucket succeeded and you already own it.",
      409,
    );
  if (taken !== undefined)
    throw new AwsError(
      "BucketAlreadyExists",
      "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
      409,
    );
  const asked = /<LocationConstraint>([a-z0-9-]+)</.exec(Buffer.from(call.request.body).toString("utf8"))?.[1];
  store.makeBucket(bucket);
  call.account.buckets.push({ name: bucket, region: asked ?? call.region, createdAt: call.now.toISOString() });
  call.save();
  return reply("", { location: `/${bucket}` });
}

export function deleteBucket(store: ObjectStore, call: S3Call): AwsReply {
  call.authorizeBucket("s3:DeleteBucket");
  if (call.bucket === call.call.organisation.trailBucket)
    throw new AwsError("AccessDenied", "The organisation trail is written to this bucket.", 403);
  store.removeBucket(call.bucket);
  call.owner.buckets.splice(call.owner.buckets.indexOf(call.kept), 1);
  call.call.save();
  return call.answer("", {}, 204);
}

export function headBucket(call: S3Call): AwsReply {
  call.authorizeBucket("s3:ListBucket");
  return call.answer("", { "x-amz-bucket-region": call.kept.region });
}

/** us-east-1 is the empty word. */
export function bucketLocation(call: S3Call): AwsReply {
  call.authorizeBucket("s3:GetBucketLocation");
  const region = call.kept.region === "us-east-1" ? "" : call.kept.region;
  return call.answer(`<LocationConstraint xmlns="${namespace}">${region}</LocationConstraint>`);
}

export function bucketVersioning(call: S3Call): AwsReply {
  call.authorizeBucket("s3:GetBucketVersioning");
  const status = call.kept.versioned === true ? xml("Status", "Enabled") : "";
  return call.answer(`<VersioningConfiguration xmlns="${namespace}">${status}</VersioningConfiguration>`);
}

/** On, and never off again: S3 would suspend it, which nothing here asks for. */
export function putBucketVersioning(call: S3Call): AwsReply {
  call.authorizeBucket("s3:PutBucketVersioning");
  if (!/<Status>Enabled<\/Status>/.test(Buffer.from(call.call.request.body).toString("utf8")))
    throw new AwsError("NotImplemented", "The sandbox switches versioning on, not off.", 501);
  call.kept.versioned = true;
  call.call.save();
  return call.answer("");
}

export function getBucketPolicy(call: S3Call): AwsReply {
  call.authorizeBucket("s3:GetBucketPolicy");
  if (call.kept.policy === undefined) throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
  return call.answer(call.kept.policy, { "content-type": "application/json" });
}

export function putBucketPolicy(call: S3Call): AwsReply {
  call.authorizeBucket("s3:PutBucketPolicy");
  const text = Buffer.from(call.call.request.body).toString("utf8");
  try {
    named("bucket policy", text, "resource");
  } catch (error) {
    if (error instanceof MalformedPolicy) throw new AwsError("MalformedPolicy", error.message);
    throw error;
  }
  call.kept.policy = text;
  call.call.save();
  return call.answer("", {}, 204);
}

export function deleteBucketPolicy(call: S3Call): AwsReply {
  call.authorizeBucket("s3:DeleteBucketPolicy");
  delete call.kept.policy;
  call.call.save();
  return call.answer("", {}, 204);
}

export function getBucketTagging(call: S3Call): AwsReply {
  call.authorizeBucket("s3:GetBucketTagging");
  const tags = Object.entries(call.kept.tags ?? {}).map(([Key, Value]) => xml("Tag", { Key, Value }));
  if (tags.length === 0) throw new AwsError("NoSuchTagSet", "The TagSet does not exist", 404);
  return call.answer(`<Tagging xmlns="${namespace}"><TagSet>${tags.join("")}</TagSet></Tagging>`);
}

/** The whole set is replaced, as S3 does. */
export function putBucketTagging(call: S3Call): AwsReply {
  call.authorizeBucket("s3:PutBucketTagging");
  const text = Buffer.from(call.call.request.body).toString("utf8");
  const tags = [...text.matchAll(/<Tag><Key>([^<]{1,128})<\/Key><Value>([^<]{0,256})<\/Value><\/Tag>/g)];
  if (tags.length === 0 || tags.length > 50)
    throw new AwsError(
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  call.kept.tags = Object.fromEntries(tags.map(([, key = "", value = ""]) => [unescapeXml(key), unescapeXml(value)]));
  call.call.save();
  return call.answer("", {}, 204);
}

export function deleteBucketTagging(call: S3Call): AwsReply {
  call.authorizeBucket("s3:PutBucketTagging");
  delete call.kept.tags;
  call.call.save();
  return call.answer("", {}, 204);
}

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
