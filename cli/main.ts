import { readFileSync } from "node:fs";
import path from "node:path";
import { Command, Option } from "commander";
import { Refusal } from "#/core/refusal.ts";
import type { AskOptions } from "./ask.ts";
import { formats } from "./rows.ts";
import { shells } from "./shells.ts";

/** The `roletrail` command. Exit codes: 0 done · 1 refused or failed, nothing on stdout · 3 answered, but not whole. */
export async function main(argv: readonly string[], root: string): Promise<void> {
  try {
    await program(root).parseAsync([...argv]);
  } catch (error) {
    process.exitCode = codeOf(error);
  }
}

/** What the command knows; `docs/cli.md` is made from it. */
export function program(root: string): Command {
  const roletrail = new Command("roletrail")
    .description("Who may become whom in AWS, who did, and how to stop them.")
    .version(versionOf(root))
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`roletrail: ${text.replace(/^error: /, "")}`) });
  addAsk(roletrail, root);
  addSandbox(roletrail, root);
  addDoctor(roletrail);
  return roletrail;
}

function versionOf(root: string): string {
  const { version }: { version: string } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return version;
}

function addAsk(roletrail: Command, root: string): void {
  roletrail
    .command("ask")
    .description("Answer a question from CloudTrail logs.")
    .argument("[question]", "name of the question; without one all are listed")
    .option(
      "--trail <folder>",
      "a folder of CloudTrail files, or s3://bucket/prefix; else the trail of the running Roletrail",
    )
    .option("--since <time>", "start of the window, included: 2026-11-21T09:30:00Z, 2026-11-21, or 30d, 12h ago")
    .option("--until <time>", "end of the window, excluded")
    .option("--param <name=value...>", "parameters of the question; docs/queries.md says which it takes")
    .addOption(new Option("--format <format>", "table on a terminal, ndjson else").choices(Object.keys(formats)))
    .option("--no-cache", "read everything anew and keep nothing")
    .addHelpText("after", examples)
    .action(async (question: string | undefined, options: AskOptions) => {
      const { ask } = await import("./ask.ts");
      process.exitCode = await ask(question, options, root);
    });
}

const examples = `
Examples:
  roletrail ask trail-summary --trail ./logs
  roletrail ask who-assumed-which-role --trail ./logs --since 2026-11-01 --format csv > roles.csv
  roletrail ask session-calls --trail ./logs --param session=ASIAEXAMPLEEXAMPLE00

The rows are on stdout, everything else on stderr. Exit code 0: the answer is whole. 3: answered, but files or records
could not be read (named on stderr). 1: refused or failed.`;

function addSandbox(roletrail: Command, root: string): void {
  roletrail
    .command("sandbox")
    .description("The simulated AWS account of a running Roletrail.")
    .command("env")
    .description("Print the endpoint and the key of an administrator of one sandbox account, to eval in a shell.")
    .addOption(
      new Option("--shell <shell>", "how to write it").choices(Object.keys(shells)).default("sh", "a POSIX shell"),
    )
    .action(async ({ shell }: { shell: keyof typeof shells }) => {
      const { sandboxEnv } = await import("./sandbox.ts");
      process.stdout.write(await sandboxEnv(root, shell));
    });
}

function addDoctor(roletrail: Command): void {
  roletrail
    .command("doctor")
    .description("Look at what Roletrail needs, and change nothing.")
    .requiredOption(
      "--aws",
      "in AWS: who you are, the access file, the trail, what the issuer publishes, Roletrail's roles in each account",
    )
    .addHelpText(
      "after",
      "\nExit code 0: all is well. 1: something is wrong. 3: something could not be seen from here.",
    )
    .action(async () => {
      const { doctor } = await import("./doctor.ts");
      process.exitCode = await doctor();
    });
}

/** One line for what went wrong; a fault too, for who runs a command is at the machine that has the rest. */
function codeOf(error: unknown): number {
  if (error instanceof Refusal) {
    process.stderr.write(`roletrail: ${[error.message, error.help].filter(Boolean).join(" ")}\n`);
    return 1;
  }
  // Commander has said its own; --help and --version end with 0.
  if (error instanceof Error && "exitCode" in error) return error.exitCode === 0 ? 0 : 1;
  process.stderr.write(`roletrail: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
}
