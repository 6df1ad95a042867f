import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "../../..");

/** The ingest worker bundled as for the product, in a folder of its own inside the clone (it needs node_modules). */
export const builtWorker = (): Promise<Built> => builtProcess("queries/ingest/worker.ts");

interface Built {
  readonly file: string;
  readonly remove: () => void;
}

/** Any process that the product forks, bundled as tools/build.mjs does. */
export async function builtProcess(entry: string): Promise<Built> {
  const folder = mkdtempSync(path.join(root, "node_modules/.roletrail-test-"));
  const file = path.join(folder, "process.mjs");
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    loader: { ".sql": "text" },
    logLevel: "error",
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
