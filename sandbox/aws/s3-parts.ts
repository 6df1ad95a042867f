import { createHash, randomUUID } from "node:crypto";
import { AwsError, type AwsReply } from "./call.ts";
import type { S3Call } from "./s3-call.ts";
import { aboutOf, versionOf } from "./s3-objects.ts";
import { type About, md5, type ObjectStore } from "./s3-store.ts";
import { unescapeXml, xml } from "./xml.ts";

/** Multipart uploads, which `aws s3 cp` takes over 8 MB. Parts wait in memory: an unfinished upload ends with the process. */
export class Uploads {
  readonly #store: ObjectStore;
  readonly #open = new Map<string, Upload>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  create(call: S3Call): AwsReply {
    call.authorizeObject("s3:PutObject");
    const id = randomUUID();
    if (this.#open.size >= uploadsMax) throw new AwsError("SlowDown", "Please reduce your request rate.", 503);
    this.#open.set(id, { bucket: call.bucket, key: call.key, about: aboutOf(call), parts: new Map() });
    return call.answer(xml("InitiateMultipartUploadResult", { Bucket: call.bucket, Key: call.key, UploadId: id }));
  }

  part(call: S3Call): AwsReply {
    call.authorizeObject("s3:PutObject");
    const number = Number(call.query.get("partNumber"));
    if (!Number.isInteger(number) || number < 1 || number > 10_000)
      throw new AwsError("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
    const { body } = call.call.request;
    this.#upload(call).parts.set(number, body);
    return call.answer("", { etag: `"${md5(body)}"` });
  }

  complete(call: S3Call): AwsReply {
    call.authorizeObject("s3:PutObject");
    const upload = this.#upload(call);
    const wanted = partsIn(Buffer.from(call.call.request.body).toString("utf8"));
    const parts = wanted.map(({ number, etag }) => {
      const part = upload.parts.get(number);
      if (part === undefined || md5(part) !== etag)
        throw new AwsError("InvalidPart", "One or more of the specified parts could not be found.");
      return part;
    });
    if (parts.length === 0) throw new AwsError("MalformedXML", "The XML you provided was not well-formed");
    const digests = Buffer.concat(parts.map((part) => Buffer.from(md5(part), "hex")));
    const etag = `${createHash("md5").update(digests).digest("hex")}-${parts.length}`;
    this.#store.write(call.bucket, call.key, Buffer.concat(parts), { ...upload.about, etag });
    this.#open.delete(call.query.get("uploadId") ?? "");
    const done = xml("CompleteMultipartUploadResult", { Bucket: call.bucket, Key: call.key, ETag: `"${etag}"` });
    return call.answer(done, versionOf(this.#store, call));
  }

  abort(call: S3Call): AwsReply {
    call.authorizeObject("s3:AbortMultipartUpload");
    this.#upload(call);
    this.#open.delete(call.query.get("uploadId") ?? "");
    return call.answer("", {}, 204);
  }

  #upload(call: S3Call): Upload {
    const upload = this.#open.get(call.query.get("uploadId") ?? "");
    if (upload?.bucket === call.bucket && upload.key === call.key) return upload;
    throw new AwsError("NoSuchUpload", "The specified upload does not exist.", 404);
  }
}

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly about: About;
  readonly parts: Map<number, Uint8Array>;
}

const uploadsMax = 100;

function partsIn(body: string): { number: number; etag: string }[] {
  return [...body.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = ""]) => ({
    number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
    etag: unescapeXml(/<ETag>([^<]*)</.exec(part)?.[1] ?? "").replaceAll('"', ""),
  }));
}
