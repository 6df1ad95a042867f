import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");

/** The module of a tool in TypeScript, `tools/…/name.ts`: the facts' texts are .sql files, which only a bundle loads as text. */
export async function bundled(entry) {
  const outfile = path.join(root, ".build", path.relative("tools", entry).replace(/\.ts$/, ".mjs"));
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    loader: { ".sql": "text" },
    logLevel: "warning",
    write: false,
  });
  // Renamed into place: two that start at once must not load half of each other's.
  mkdirSync(path.dirname(outfile), { recursive: true });
  for (const { contents } of outputFiles) writeFileSync(`${outfile}.${process.pid}`, contents);
  renameSync(`${outfile}.${process.pid}`, outfile);
  return import(pathToFileURL(outfile).href);
}
