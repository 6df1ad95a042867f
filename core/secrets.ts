import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { Refusal } from "./refusal.ts";

/** Keys of 32 random bytes, each a file of base64url text. Made once; never rotated by being lost: back them up. */
export const keyFiles = {
  cookie: "cookie.key",
  person: "person.key",
  mac: "mac.key",
} as const;

export type KeyName = keyof typeof keyFiles;

const keyBytes = 32;

/** The key, made when it is not there yet. @throws Refusal `config.invalid` when the file is not one, or others may read it. */
export function readKey(folder: string, name: KeyName): Buffer {
  const file = path.join(folder, keyFiles[name]);
  const text = readOrMake(file, () => `${randomBytes(keyBytes).toString("base64url")}\n`);
  const key = Buffer.from(text.trim(), "base64url");
  if (key.length === keyBytes) return key;
  throw new Refusal("config.invalid", `${file} does not hold a key of ${keyBytes} bytes.`, {
    help: "Put its backup back. Without one, move the file away: a new one is made, and what hung on the old is lost.",
  });
}

/**
 * The text of a secret file, made by `make` when it is not there. Two processes at once get the same text: the file
 * appears under its name only when it is whole (exclusive temporary file, then a link, which never replaces).
 */
export function readOrMake(file: string, make: () => string): string {
  const found = readSecretFile(file);
  if (found !== null) return found;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = writeExclusive(file, make());
  try {
    linkSync(temporary, file);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  const made = readSecretFile(file);
  if (made === null) throw new Error(`${file} vanished while it was made`);
  return made;
}

/** Null when there is no such file. @throws Refusal `config.invalid` when others than its owner may read it. */
export function readSecretFile(file: string): string | null {
  try {
    const mode = statSync(file).mode & 0o777;
    // Windows keeps no such bits; the folder's own list of who may read holds there.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new Refusal("config.invalid", `${file} can be read by others (mode ${mode.toString(8)}).`, {
        help: `chmod 600 ${file}, and think about who could have read it.`,
      });
    }
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
}

/** A new file beside `file`, 0600 under any umask, on disk before it has its name. */
export function writeExclusive(file: string, text: string): string {
  const temporary = `${file}.${randomBytes(6).toString("hex")}`;
  const opened = openSync(temporary, "wx", 0o600);
  try {
    writeSync(opened, text);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
  chmodSync(temporary, 0o600);
  return temporary;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
