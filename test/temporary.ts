import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

let folder: string | undefined;

/** One temporary folder for the whole run, gone with it: no suite leaves anything on the machine. */
export function setup(): void {
  folder = mkdtempSync(path.join(tmpdir(), "roletrail-tests-"));
  process.env["TMPDIR"] = folder;
}

export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
