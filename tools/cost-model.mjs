// `node tools/cost-model.mjs [events]`: counts the bytes that each question's columns take in real Parquet, over a trail of
// that many events, and prints the tables of docs/cost-model.md. 200,000 events unless told.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");
const outfile = path.join(root, ".build/cost/count.mjs");
await build({
  absWorkingDir: root,
  entryPoints: ["tools/cost/count.ts"],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  loader: { ".sql": "text" },
  logLevel: "error",
});
const { count } = await import(pathToFileURL(outfile).href);
await count(Number(process.argv[2] ?? 200_000));
