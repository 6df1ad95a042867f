import { createHash, randomBytes, randomUUID } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { z } from "zod";
import { AwsError } from "./call.ts";

/** Objects as plain files, `<world>/s3/<bucket>/<key>`: what reads the trail as a folder reads the same files. */
export interface ObjectStore {
  /** @throws AwsError NoSuchKey. */
  head(bucket: string, key: string): StoredObject;
  read(bucket: string, key: string): Buffer;
  /** Appears whole under its key. */
  write(bucket: string, key: string, body: Uint8Array, about: About): StoredObject;
  remove(bucket: string, key: string): void;
  /** The object as it stands gets an id, under which no later write changes it. */
  keepVersion(bucket: string, key: string): string;
  /** @throws AwsError NoSuchVersion. */
  version(bucket: string, key: string, id: string): { readonly object: StoredObject; readonly body: Buffer };
  /** Keys in S3's order (bytes of UTF-8), those under `prefix` and after `after`; lazily, folder by folder. */
  keys(bucket: string, walk: Walk): Generator<string>;
  makeBucket(bucket: string): void;
  /** @throws AwsError BucketNotEmpty. */
  removeBucket(bucket: string): void;
}

export interface Walk {
  readonly prefix: string;
  readonly after: string;
  /** A folder (`a/b/`) that is not to be entered: it is yielded itself. */
  readonly folds: (folder: string) => boolean;
}

export interface About {
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of a multipart upload; others have the MD5 of the body. */
  readonly etag?: string;
}

export interface StoredObject extends Required<About> {
  readonly size: number;
  readonly modifiedAt: Date;
}

export function objectStore(world: string): ObjectStore {
  const root = path.join(world, "s3");
  const abouts = path.join(world, "s3-about");
  mkdirSync(root, { recursive: true });
  const fileOf = (bucket: string, key: string): string => inside(path.join(root, bucket), key);
  const head = (bucket: string, key: string): StoredObject => {
    const file = fileOf(bucket, key);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile()) throw noSuchKey();
    const known = aboutOf(abouts, bucket, key);
    const about = known?.size === stat.size && known.modifiedMs === stat.mtimeMs ? known : undefined;
    return {
      size: stat.size,
      modifiedAt: stat.mtime,
      contentType: about?.contentType ?? "binary/octet-stream",
      metadata: about?.metadata ?? {},
      etag: about?.etag ?? md5(readFileSync(file)),
    };
  };
  return {
    head,
    read: (bucket, key) => readFileSync(fileOf(bucket, key)),
    write(bucket, key, body, about) {
      const file = fileOf(bucket, key);
      const temporary = path.join(abouts, randomUUID());
      mkdirSync(abouts, { recursive: true, mode: 0o700 });
      makeParent(file);
      writeFileSync(temporary, body);
      renameOnto(temporary, file);
      const { size, mtimeMs: modifiedMs } = statSync(file);
      keepAbout(abouts, bucket, key, { ...about, etag: about.etag ?? md5(body), size, modifiedMs });
      return head(bucket, key);
    },
    remove(bucket, key) {
      const file = fileOf(bucket, key);
      rmSync(file, { force: true });
      rmSync(aboutFile(abouts, bucket, key), { force: true });
      removeEmptyFolders(path.dirname(file), path.join(root, bucket));
    },
    ...versionsIn(path.join(world, "s3-versions"), { head, fileOf }),
    keys: (bucket, walk) => keysUnder(path.join(root, bucket), "", walk),
    makeBucket: (bucket) => mkdirSync(path.join(root, bucket), { recursive: true }),
    removeBucket(bucket) {
      const folder = path.join(root, bucket);
      if (!keysUnder(folder, "", { prefix: "", after: "", folds: () => false }).next().done)
        throw new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty.", 409);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Versions = Pick<ObjectStore, "keepVersion" | "version">;

/** Each body under its id, its head beside it. */
function versionsIn(
  versions: string,
  { head, fileOf }: Pick<ObjectStore, "head"> & { readonly fileOf: (bucket: string, key: string) => string },
): Versions {
  return {
    keepVersion(bucket, key) {
      const id = randomBytes(24).toString("base64url");
      const folder = path.join(versions, hashOf(bucket, key));
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(path.join(folder, `${id}.json`), JSON.stringify(head(bucket, key)), { mode: 0o600 });
      copyFileSync(fileOf(bucket, key), path.join(folder, id));
      return id;
    },
    version(bucket, key, id) {
      const file = path.join(versions, hashOf(bucket, key), id);
      if (!/^[\w-]{32}$/.test(id) || !existsSync(file)) throw noSuchVersion();
      return { object: KeptVersion.parse(JSON.parse(readFileSync(`${file}.json`, "utf8"))), body: readFileSync(file) };
    },
  };
}

export const noSuchKey = (): AwsError => new AwsError("NoSuchKey", "The specified key does not exist.", 404);
const noSuchVersion = (): AwsError => new AwsError("NoSuchVersion", "The specified version does not exist.", 404);
export const md5 = (body: Uint8Array): string => createHash("md5").update(body).digest("hex");

/**
 * The file of a key, certainly inside its bucket: no segment may be empty, `.` or `..`, and no link may lead out.
 * S3 itself takes such keys; a folder of files cannot hold them, and says so.
 */
function inside(folder: string, key: string): string {
  const segments = key.split("/");
  const isPlain = segments.every((one) => one !== "" && one !== "." && one !== ".." && Buffer.byteLength(one) <= 255);
  if (!isPlain || /[\0\\]/.test(key) || Buffer.byteLength(key) > 1_024)
    throw new AwsError(
      "InvalidArgument",
      "The sandbox keeps objects as files: a key must be a plain relative path of names.",
    );
  const file = path.join(folder, ...segments);
  let parent = path.dirname(file);
  while (parent.length > folder.length && !existsSync(parent)) parent = path.dirname(parent);
  const [real, home] = [parent, folder].map((one) => (existsSync(one) ? realpathSync(one) : one));
  const target = existsSync(file) ? realpathSync(file) : file;
  const isWithin = (one: string | undefined): boolean =>
    one === home || (one?.startsWith(`${home}${path.sep}`) ?? false);
  if (isWithin(real) && (target === file || isWithin(target))) return file;
  throw new AwsError("AccessDenied", "Access Denied", 403);
}

const conflict = (): AwsError =>
  new AwsError(
    "InvalidArgument",
    "The sandbox keeps objects as files: another key is a folder of this one, or the reverse.",
  );

function makeParent(file: string): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
  } catch {
    throw conflict();
  }
}

function renameOnto(temporary: string, file: string): void {
  try {
    renameSync(temporary, file);
  } catch {
    rmSync(temporary, { force: true });
    throw conflict();
  }
}

function removeEmptyFolders(folder: string, bucketFolder: string): void {
  for (let at = folder; at.startsWith(`${bucketFolder}${path.sep}`); at = path.dirname(at)) {
    try {
      rmdirSync(at);
    } catch {
      // Not empty, or gone already: the walk up ends here.
      return;
    }
  }
}

function* keysUnder(folder: string, folderKey: string, walk: Walk): Generator<string> {
  for (const name of namesIn(folder)) {
    const key = folderKey + name;
    const step = stepAt(key, walk);
    if (step === "yield") yield key;
    if (step === "enter") yield* keysUnder(path.join(folder, name), key, walk);
  }
}

/** What to do at a file's key or a folder's (`a/b/`). */
function stepAt(key: string, walk: Walk): "yield" | "enter" | "skip" {
  const isUnder = key.startsWith(walk.prefix);
  if (!key.endsWith("/") || (isUnder && walk.folds(key))) return isUnder && key > walk.after ? "yield" : "skip";
  if (!isUnder && !walk.prefix.startsWith(key)) return "skip";
  // Every key of a folder sorts before this: a folder wholly before the mark is not entered.
  return `${key}\uffff` > walk.after ? "enter" : "skip";
}

/** Folders end in a slash, so that sorting the names sorts the keys. */
function namesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort();
}

const KeptAbout = z.object({
  contentType: z.string(),
  metadata: z.record(z.string(), z.string()),
  etag: z.string(),
  size: z.number(),
  modifiedMs: z.number(),
});

const KeptVersion = KeptAbout.omit({ modifiedMs: true }).extend({ modifiedAt: z.coerce.date() });

/** A key of any length and shape has one, and none collides with a folder. */
const hashOf = (bucket: string, key: string): string => createHash("sha256").update(`${bucket}\n${key}`).digest("hex");

const aboutFile = (abouts: string, bucket: string, key: string): string =>
  path.join(abouts, `${hashOf(bucket, key)}.json`);

function aboutOf(abouts: string, bucket: string, key: string): z.infer<typeof KeptAbout> | undefined {
  const file = aboutFile(abouts, bucket, key);
  if (!existsSync(file)) return undefined;
  return KeptAbout.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
}

function keepAbout(abouts: string, bucket: string, key: string, about: z.infer<typeof KeptAbout>): void {
  const file = aboutFile(abouts, bucket, key);
  writeFileSync(`${file}.new`, JSON.stringify(about), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
