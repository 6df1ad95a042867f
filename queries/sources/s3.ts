import {
  type _Object,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
} from "@aws-sdk/client-s3";
import { kindOf, type Listed, type Listing, mayHold, noTrail, type Source } from "./source.ts";

/** s3://bucket/prefix with the ambient credentials; AWS_ENDPOINT_URL points it elsewhere as it does every SDK. */
export function openS3(where: string): S3Source {
  const [, bucket, prefix] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(where) ?? [];
  if (bucket === undefined) throw noTrail(where, "this is not s3://bucket/prefix");
  return new S3Source(where, bucket, prefix === undefined || prefix === "" ? "" : `${prefix.replace(/\/+$/, "")}/`);
}

export class S3Source implements Source {
  readonly where: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #client: S3Client;

  constructor(where: string, bucket: string, prefix: string) {
    this.where = where;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#client = new S3Client({ followRegionRedirects: true });
  }

  async list(days?: ReadonlySet<string>): Promise<Listing> {
    const files: Listed[] = [];
    const skipped: Record<string, number> = {};
    await this.#walk(this.#prefix, days, (listed) => {
      const kind = kindOf(listed.key);
      if (kind === "log") files.push(listed);
      else skipped[kind] = (skipped[kind] ?? 0) + 1;
    });
    files.sort((a, b) => (a.key < b.key ? -1 : 1));
    return { files, skipped };
  }

  async read(key: string): Promise<Buffer> {
    const object = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
    return Buffer.from((await object.Body?.transformToByteArray()) ?? []);
  }

  /** Without days one flat listing; with days folder by folder, so that no other day is asked for. */
  async #walk(prefix: string, days: ReadonlySet<string> | undefined, found: (listed: Listed) => void): Promise<void> {
    for await (const page of this.#pages(prefix, days !== undefined)) {
      for (const object of page.Contents ?? []) add(object, found);
      for (const folder of foldersOf(page, days)) await this.#walk(folder, days, found);
    }
  }

  async *#pages(prefix: string, byFolder: boolean) {
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          ...(byFolder ? { Delimiter: "/" } : {}),
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      yield page;
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }
}

function add({ Key: key, ETag: etag, Size: bytes }: _Object, found: (listed: Listed) => void): void {
  if (key !== undefined && !key.endsWith("/")) found({ key, etag: etag ?? "", bytes: bytes ?? 0 });
}

function foldersOf(page: ListObjectsV2CommandOutput, days: ReadonlySet<string> | undefined): string[] {
  const folders = (page.CommonPrefixes ?? []).map(({ Prefix: folder }) => folder ?? "");
  return folders.filter((folder) => folder !== "" && mayHold(folder, days));
}
