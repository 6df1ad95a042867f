import { type Dirent, readdirSync, readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import path from "node:path";
import { Refusal } from "#/core/refusal.ts";
import { kindOf, type Listed, type Listing, mayHold, noTrail, type Source } from "./source.ts";

/** A folder of CloudTrail files, in any layout. Links are followed, a folder that is read already never a second time. */
export class FolderSource implements Source {
  readonly where: string;
  readonly #root: string;
  readonly #folders = new Map<string, Folder>();
  #last: { readonly days: string; readonly listing: Listing } | null = null;
  #hasChanged = false;

  constructor(where: string) {
    this.where = where;
    // Of a variable that is not set: nobody means the folder that a shell happens to be in.
    if (where === "") throw noTrail("An empty name", "it names no folder");
    try {
      this.#root = realpathSync(where);
    } catch (error) {
      throw noTrail(where, isDenied(error) ? "it may not be read" : "there is no such folder");
    }
    if (!statSync(this.#root).isDirectory()) throw noTrail(where, "this is a file, not a folder");
  }

  async list(days?: ReadonlySet<string>): Promise<Listing> {
    this.#hasChanged = false;
    const listing = this.#walked(days);
    // The same listing again says at once that nothing changed.
    if (days === undefined || this.#hasChanged || this.#last?.days !== [...days].join()) {
      this.#last = days === undefined ? null : { days: [...days].join(), listing };
      return listing;
    }
    return this.#last.listing;
  }

  /** What lies in a folder that may not be read is not known, so nothing is answered without it. */
  #walked(days: ReadonlySet<string> | undefined): Listing {
    try {
      return this.#walk(days);
    } catch (error) {
      if (!isDenied(error)) throw error;
      throw new Refusal("trail.none", `${error.path}: it may not be read.`, {
        help: "Allow it to the user who runs Roletrail, or name another folder.",
      });
    }
  }

  #walk(days: ReadonlySet<string> | undefined): Listing {
    const files: Listed[] = [];
    const skipped: Record<string, number> = {};
    const skip = (kind: string, count: number): void => {
      skipped[kind] = (skipped[kind] ?? 0) + count;
    };
    const read = [this.#root];
    const walk = (key: string): void => {
      const folder = this.#folder(key, days !== undefined);
      for (const file of folder.files) files.push(file);
      for (const [kind, count] of Object.entries(folder.skipped)) skip(kind, count);
      const links = folder.links.filter((link) => this.#isNew(link, read));
      if (links.length < folder.links.length) skip(left, folder.links.length - links.length);
      for (const child of [...folder.folders, ...links]) if (mayHold(`${child}/`, days)) walk(child);
    };
    walk("");
    files.sort((a, b) => (a.key < b.key ? -1 : 1));
    return { files, skipped };
  }

  /** Whether a link leads to a folder not read yet, which it is then. */
  #isNew(link: string, read: string[]): boolean {
    const target = realpathSync(this.#pathOf(link));
    if (isWithin(this.#root, target) || read.some((at) => isWithin(target, at))) return false;
    read.push(target);
    return true;
  }

  async read(key: string): Promise<Buffer> {
    return readFileSync(this.#pathOf(key));
  }

  /**
   * A folder unchanged since it was last read keeps its files (a file renamed into place changes the folder's time);
   * one changed in the last two seconds is read again, for clocks of file systems are coarse. All days are always read.
   */
  #folder(key: string, mayRemember: boolean): Folder {
    const readAt = Date.now();
    const at = this.#pathOf(key);
    const changedAt = statSync(at, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const known = this.#folders.get(key);
    if (mayRemember && known !== undefined && known.changedAt === changedAt && known.readAt - changedAt > 2_000)
      return known;
    this.#hasChanged = true;
    const folder: Folder = { changedAt, readAt, files: [], folders: [], links: [], skipped: {} };
    // Somebody may tidy up meanwhile.
    if (changedAt === 0) return folder;
    for (const entry of readdirSync(at, { withFileTypes: true, encoding: "buffer" })) this.#add(folder, key, entry);
    this.#folders.set(key, folder);
    return folder;
  }

  #add(folder: Folder, parent: string, entry: Dirent<Buffer>): void {
    const name = nameOf(entry.name);
    const key = parent === "" ? name : `${parent}/${name}`;
    const target = entry.isSymbolicLink() ? this.#targetOf(key) : entry;
    if (target?.isDirectory()) (target === entry ? folder.folders : folder.links).push(key);
    else {
      const kind = target?.isFile() ? kindOf(key) : left;
      if (kind === "log") folder.files.push(this.#listed(key));
      else folder.skipped[kind] = (folder.skipped[kind] ?? 0) + 1;
    }
  }

  /** Null where a link leads nowhere, or in a circle. */
  #targetOf(key: string): Stats | null {
    try {
      return statSync(this.#pathOf(key));
    } catch {
      return null;
    }
  }

  #listed(key: string): Listed {
    const { size = 0, mtimeMs = 0 } = statSync(this.#pathOf(key), { throwIfNoEntry: false }) ?? {};
    return { key, etag: `${size}-${mtimeMs}`, bytes: size };
  }

  #pathOf(key: string): Buffer {
    return Buffer.concat([Buffer.from(this.#root + path.sep), bytesOf(key)]);
  }
}

const isDenied = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM");

const left = "links and devices";

const isWithin = (at: string, folder: string): boolean => at === folder || at.startsWith(folder + path.sep);

interface Folder {
  readonly changedAt: number;
  readonly readAt: number;
  readonly files: Listed[];
  readonly folders: string[];
  /** Links to folders. */
  readonly links: string[];
  readonly skipped: Record<string, number>;
}

/** A name that is not UTF-8 keeps its bytes as `//xx`, which no path holds otherwise, so every file has one key. */
function nameOf(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (Buffer.from(text).equals(bytes)) return text;
  return Array.from(bytes, (byte) =>
    byte < 0x80 ? String.fromCharCode(byte) : `//${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}

function bytesOf(key: string): Buffer {
  if (!key.includes("//")) return Buffer.from(key);
  const parts = key.split(/\/\/([0-9a-f]{2})/);
  return Buffer.concat(parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part) : Buffer.from(part, "hex"))));
}
