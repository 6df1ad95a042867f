import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { newId } from "#/core/ids.ts";

/** An answer over this leaves by a file that is read once and goes (CONTRACTS §1), never through the socket. */
const socketBytesMax = 4 * 1024 * 1024;

/** What goes over the socket: the answer itself, or where it lies. */
export function textOf(body: unknown, folder: string): string {
  const text = JSON.stringify(body);
  if (Buffer.byteLength(text) <= socketBytesMax) return text;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${newId("q")}.json`);
  writeFileSync(file, text, { mode: 0o600 });
  return JSON.stringify({ answer_file: file });
}
