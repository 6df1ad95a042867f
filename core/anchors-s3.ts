import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { AnchorPlace } from "./anchors.ts";

/** 13 digits of milliseconds reach to the year 2286. */
const end = 9_999_999_999_999;

/**
 * Anchors as objects of a bucket whose Object Lock keeps each as it was put. Names count down, so that the newest is the
 * first that a listing shows.
 *
 * @param where `s3://bucket/prefix/`
 */
export function anchorsInS3(where: string, client: S3Client = new S3Client({})): AnchorPlace {
  const { hostname: Bucket, pathname } = new URL(where);
  const prefix = pathname.slice(1);
  return {
    newest: async () => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 }));
      const Key = Contents[0]?.Key;
      if (Key === undefined) return null;
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString("utf-8")) ?? null;
    },
    put: async (at, text) => {
      const name = `${String(end - at.getTime()).padStart(13, "0")}-${at.toISOString()}.json`;
      await client.send(
        // The bucket's policy refuses a put that does not demand to be the first of its name.
        new PutObjectCommand({
          Bucket,
          Key: `${prefix}${name}`,
          Body: text,
          IfNoneMatch: "*",
          ContentType: "application/json",
        }),
      );
    },
  };
}
