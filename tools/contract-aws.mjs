// `npm run contract:aws -- --account 123456789012 --yes`: what only a real AWS account can prove. docs/contract-aws.md.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");
const outfile = path.join(root, ".build/contract/main.mjs");
await build({
  absWorkingDir: root,
  entryPoints: ["tools/contract/main.ts"],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  loader: { ".sql": "text" },
  logLevel: "error",
});
const { main } = await import(pathToFileURL(outfile).href);
process.exitCode = await main(process.argv.slice(2));
