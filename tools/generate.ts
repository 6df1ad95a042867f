import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { program } from "#/cli/main.ts";
import { bundled } from "./bundled.mjs";
import { catalogue, queriesPage } from "./generate/catalogue.ts";
import { openapi } from "./generate/openapi.ts";
import { accessSchema, cliPage, configPage, refusalsPage } from "./generate/pages.ts";
import { readQuestions } from "./generate/questions.ts";

const root = path.resolve(import.meta.dirname, "..");

/** Every file that is made and committed (CONTRACTS §9). `--check` compares and writes nothing. */
async function generate(check: boolean): Promise<void> {
  const questions = readQuestions(path.join(root, "queries"));
  const made: Readonly<Record<string, string>> = {
    "queries/catalogue.ts": catalogue(questions),
    "docs/queries.md": queriesPage(questions),
    "docs/refusals.md": refusalsPage(),
    "docs/config.md": configPage(),
    "docs/access.schema.json": accessSchema(),
    "docs/openapi.json": openapi(questions, "1"),
    "docs/cli.md": cliPage(program(root)),
    ...(await columns()),
  };
  const stale = Object.entries(made).filter(([file, text]) => committed(file) !== text);
  if (!check) for (const [file, text] of stale) write(file, text);
  for (const [file] of stale) console.log(check ? `${file} is not what its sources say` : `wrote ${file}`);
  console.log(`${questions.length} questions, ${Object.keys(made).length} files, ${stale.length} stale`);
  if (check && stale.length > 0) {
    console.log("Run `npm run generate` and commit what it writes.");
    process.exitCode = 1;
  }
}

async function columns(): Promise<Record<string, string>> {
  const made: Record<"athenaColumns" | "askableColumns", () => Promise<string>> = await bundled(
    "tools/generate/athena-columns.ts",
  );
  return {
    "queries/engines/athena-columns.ts": await made.athenaColumns(),
    "queries/catalogue-facts.ts": await made.askableColumns(),
  };
}

function committed(file: string): string | undefined {
  try {
    return readFileSync(path.join(root, file), "utf8").replaceAll("\r\n", "\n");
  } catch {
    return undefined;
  }
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

await generate(process.argv.includes("--check"));
