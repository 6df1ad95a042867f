import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** One temporary folder for the whole run, gone with it: no suite leaves anything on the machine. */
export default function setup(): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), "roletrail-tests-"));
  process.env["TMPDIR"] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
