import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { kindCases } from "./cases/kinds.ts";
import { revocationCases } from "./cases/revocation.ts";
import { trustCases } from "./cases/trust.ts";
import { type Evaluator, failureOf } from "./table.ts";

/** A fault somebody could make, as one replacement in one file of the evaluator. The case tables must notice each. */
interface Mutation {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

// biome-ignore format: the columns are the point
const mutations: readonly Mutation[] = [
  { name: "an allow wins over a deny",                        file: "evaluate.ts",  from: "if (denying !== undefined)",                        to: "if (denying !== undefined && !matched.some(({ effect }) => effect === \"Allow\"))" },
  { name: "a session policy is not asked",                    file: "evaluate.ts",  from: "policies.session !== undefined && !exempt",          to: "false && policies.session !== undefined && !exempt" },
  { name: "a boundary is not asked",                          file: "evaluate.ts",  from: "policies.boundary !== undefined && !exempt",         to: "false && policies.boundary !== undefined && !exempt" },
  { name: "across accounts one side is enough",               file: "evaluate.ts",  from: "crossAccount ? [] : namingsOf",                      to: "false ? [] : namingsOf" },
  { name: "one level of service control policies is enough",  file: "evaluate.ts",  from: "levels.some((_, level)",                             to: "levels.length > 0 && levels.every((_, level)" },
  { name: "a cutoff also hits what was issued at it",         file: "operators.ts", from: "date((given, wanted) => given < wanted)",            to: "date((given, wanted) => given <= wanted)" },
  { name: "an absent key passes a condition",                 file: "condition.ts", from: "if (given === undefined) return whenAbsent;",        to: "if (given === undefined) return true;" },
  { name: "any tag on the list lets all through",             file: "condition.ts", from: "return every ? given.every(holds)",                  to: "return false ? given.every(holds)" },
  { name: "an account root stands for each of its users",     file: "principal.ts", from: ".test(value)) return \"account\";",                  to: ".test(value)) return \"itself\";" },
  { name: "a tag's star becomes a wildcard",                  file: "pattern.ts",   from: "unit.charCodeAt(0))",                                to: "(unit === \"*\" ? star : unit.charCodeAt(0)))" },
  { name: "NotAction is read as Action",                      file: "match.ts",     from: "any.some(matches) !== not",                          to: "any.some(matches)" },
  { name: "a role stands for each of its sessions' policies", file: "evaluate.ts",  from: "return new Set([\"identity\"]);",                    to: "return new Set([\"identity\", \"boundary\", \"session\"]);" },
];

const root = path.resolve(import.meta.dirname, "../../..");
const folder = mkdtempSync(path.join(tmpdir(), "evaluator-"));
afterAll(() => rmSync(folder, { recursive: true }));

const failures = (evaluator: Evaluator) =>
  [...trustCases, ...kindCases, ...revocationCases].filter((one) => failureOf(evaluator, one) !== undefined);

describe("a mutated evaluator fails the case tables", () => {
  test.each(mutations)("$name", async (mutation) => {
    const failed = failures(await evaluatorWith(mutation));
    expect(failed.map(({ name }) => name)).not.toEqual([]);
  });

  test("and the evaluator itself, built the same way, does not", async () => {
    expect(failures(await evaluatorWith(undefined))).toEqual([]);
  });
});

/** The evaluator bundled with one file changed on the way. A replacement that finds nothing is an error of this table. */
async function evaluatorWith(mutation: Mutation | undefined): Promise<Evaluator> {
  const outfile = path.join(folder, `${mutation?.name.replace(/\W/g, "-") ?? "as-is"}.mjs`);
  const result = await build({
    stdin: {
      contents: ["denial", "evaluate", "policy"].map((file) => `export * from "#/core/iam/${file}.ts";`).join("\n"),
      resolveDir: root,
    },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    plugins: [
      {
        name: "mutate",
        setup: (bundler) => {
          bundler.onResolve({ filter: /^#\// }, ({ path: from }) => ({ path: path.join(root, from.slice(2)) }));
          bundler.onLoad({ filter: /core[\\/]iam[\\/]\w+\.ts$/ }, ({ path: file }) => ({
            contents: mutated(readFileSync(file, "utf8"), path.basename(file), mutation),
            loader: "ts",
          }));
        },
      },
    ],
  });
  writeFileSync(outfile, result.outputFiles[0]?.text ?? "");
  const { evaluate, parsePolicy, denialMessage } = await import(pathToFileURL(outfile).href);
  return { evaluate, parsePolicy, denialMessage };
}

function mutated(source: string, file: string, mutation: Mutation | undefined): string {
  if (mutation === undefined || mutation.file !== file) return source;
  expect(source.split(mutation.from).length, `${mutation.name} is found once in ${file}`).toBe(2);
  return source.replace(mutation.from, mutation.to);
}
