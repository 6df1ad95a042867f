import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { newId } from "./ids.ts";
import type { Reply } from "./invoke-reply.ts";
import { Refusal } from "./refusal.ts";

/** Lambda carries 6 MB; the rest is room for what JSON adds when the answer is put into the reply. */
const lambdaBytesMax = 4 * 1024 * 1024;
/** Web fetches at once. */
const linkSeconds = 60;

/**
 * What goes over Lambda: the reply itself, or a link to the answer in S3.
 * @param where `s3://bucket/prefix/`, whose objects end by the bucket's own lifecycle.
 * @throws Refusal `trail.too-big` without such a place.
 */
export async function replyOf(reply: Reply, where: string | undefined, client?: S3Client): Promise<Reply> {
  const text = JSON.stringify(reply.body);
  if (text === undefined || Buffer.byteLength(text) <= lambdaBytesMax) return reply;
  if (where === undefined)
    throw new Refusal("trail.too-big", "The answer is over 4 MB, which is more than this Roletrail can hand over.", {
      help: "Narrow the question, or let the platform team give the answers a bucket (ROLETRAIL_ANSWERS).",
    });
  const { hostname: Bucket, pathname } = new URL(where);
  const place = { Bucket, Key: `${pathname.slice(1)}${newId("q")}.json` };
  const s3 = client ?? new S3Client({});
  await s3.send(new PutObjectCommand({ ...place, Body: text, ContentType: "application/json" }));
  const answer_url = await getSignedUrl(s3, new GetObjectCommand(place), { expiresIn: linkSeconds });
  return { status: reply.status, body: { answer_url } };
}
