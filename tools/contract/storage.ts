import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { tagKey } from "./names.ts";
import type { Run } from "./run.ts";
import { Failed, settled } from "./steps.ts";

/** The run's objects: under one prefix of one bucket, each request counted, for it costs. */
export class Storage {
  readonly #run: Run;
  readonly #s3: S3Client;

  constructor(run: Run) {
    this.#run = run;
    this.#s3 = new S3Client({ region: run.terms.region, maxAttempts: 5 });
  }

  close(): void {
    this.#s3.destroy();
  }

  /** The bucket of the run, made and tagged where none was given. */
  async make(): Promise<string> {
    const { names, terms, spent } = this.#run;
    const Bucket = names.bucket;
    spent.s3Writes += 2;
    if (!names.isOwnBucket) {
      await this.#s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: terms.account }));
      return `s3://${Bucket}/${names.prefix} of a bucket that was there`;
    }
    // The SDK itself says the Region; public access is blocked and objects are encrypted by S3's own defaults.
    await this.#s3.send(new CreateBucketCommand({ Bucket }));
    const TagSet = [{ Key: tagKey, Value: names.run }];
    await settled(this.#run.outside, () => this.#s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } })));
    return `s3://${Bucket}`;
  }

  async put(key: string, Body: Uint8Array): Promise<void> {
    this.#run.spent.s3Writes += 1;
    const { bucket: Bucket, prefix } = this.#run.names;
    await this.#s3.send(new PutObjectCommand({ Bucket, Key: `${prefix}${key}`, Body }));
  }

  /** Everything under the run's prefix, then the bucket itself where it is the run's own. @returns what went. */
  async remove(): Promise<string> {
    const { names } = this.#run;
    if (!(await this.#isThere())) return "";
    const objects = await this.#empty();
    if (!names.isOwnBucket) return objects === 0 ? "" : `${objects} objects of ${names.bucket}`;
    await this.#s3.send(new DeleteBucketCommand({ Bucket: names.bucket }));
    return `${objects} objects and the bucket ${names.bucket}`;
  }

  /** @throws Failed for a bucket of the run's own name that somebody else made: it is not touched. */
  async #isThere(): Promise<boolean> {
    const { names, terms, spent } = this.#run;
    const Bucket = names.bucket;
    spent.s3Reads += 1;
    try {
      await this.#s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: terms.account }));
    } catch (error) {
      if (error instanceof Error && /^(NotFound|NoSuchBucket)/.test(error.name)) return false;
      throw error;
    }
    if (!names.isOwnBucket) return true;
    spent.s3Reads += 1;
    const { TagSet = [] } = await this.#s3.send(new GetBucketTaggingCommand({ Bucket })).catch(untagged);
    // A run killed between making its bucket and tagging it leaves it empty, under a name that nobody else has.
    if (TagSet.length === 0 || TagSet.some(({ Key, Value }) => Key === tagKey && Value === names.run)) return true;
    throw new Failed(`The bucket ${Bucket} does not carry this run's tag; it was left as it is.`);
  }

  async #empty(): Promise<number> {
    const { bucket: Bucket, prefix: Prefix } = this.#run.names;
    let count = 0;
    for (;;) {
      this.#run.spent.s3Writes += 1;
      const { Contents = [] } = await this.#s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1_000 }));
      const Objects = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
      if (Objects.length === 0) return count;
      const { Errors = [] } = await this.#s3.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
      );
      if (Errors.length > 0) throw new Failed(`${Errors[0]?.Key} could not be removed: ${Errors[0]?.Message}`);
      count += Objects.length;
    }
  }
}

function untagged(error: unknown): { TagSet: [] } {
  if (error instanceof Error && error.name === "NoSuchTagSet") return { TagSet: [] };
  throw error;
}
