import type { Command } from "commander";
import { z } from "zod";
import { AccessFile } from "#/core/access.ts";
import { settings } from "#/core/config.ts";
import { refusals } from "#/core/refusal.ts";

const made = (from: string): string[] => [`Made by \`npm run generate\` from ${from}.`, ""];
const cell = (text: string): string => text.replaceAll("|", "\\|");

/** `docs/refusals.md`: one heading a code, which the problem's `type` links to. */
export function refusalsPage(): string {
  const rows = Object.entries(refusals).map(
    ([code, { status, title }]) => `| <a id="${code}"></a>\`${code}\` | ${status} | ${title}. |`,
  );
  return `${[
    "# What Roletrail refuses",
    "",
    ...made("`core/refusal.ts`"),
    "A refusal is for the person: a code, a plain sentence, and what would help. The API answers it as",
    "`application/problem+json` (RFC 9457) under the status beside it; the command line prints its sentence and exits 1.",
    "What is not on this list is a fault: the log has it under the id that the answer shows, and nothing else leaves.",
    "",
    "| code | status | |",
    "|---|---|---|",
    ...rows,
  ].join("\n")}\n`;
}

const JsonSetting = z.object({
  type: z.string().optional(),
  default: z.unknown().optional(),
  description: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

/** `docs/config.md`. */
export function configPage(): string {
  const { properties } = z.toJSONSchema(settings, { io: "input", unrepresentable: "any" });
  const rows = Object.entries(properties ?? {}).map(([name, given]) => {
    const { default: value, description = "", minimum, maximum } = JsonSetting.parse(given);
    const range = minimum === undefined || maximum === undefined ? "" : ` From ${minimum} to ${maximum}.`;
    return `| \`${name}\` | ${value === undefined ? "" : `\`${String(value)}\``} | ${cell(description)}${range} |`;
  });
  return `${[
    "# Configuration",
    "",
    ...made("`core/config.ts`"),
    "Flags go over the environment, the environment over the defaults; `ROLETRAIL_PORT` is `--port` on the command line.",
    "AWS's own variables keep AWS's names. A value that is not right stops the start and is named. Issuers, accounts, roles,",
    "grants and powers are not settings: they stand in `access.yaml` ([its schema](access.schema.json)).",
    "",
    "| name | default | |",
    "|---|---|---|",
    ...rows,
  ].join("\n")}\n`;
}

/** `docs/access.schema.json`: what editors check `access.yaml` against. */
export function accessSchema(): string {
  const schema = z.toJSONSchema(AccessFile, { io: "input" });
  return `${JSON.stringify({ title: "Roletrail access file", ...schema }, null, 2)}\n`;
}

/** `docs/cli.md`, from the definitions that answer `--help`. */
export function cliPage(program: Command): string {
  return `${[
    "# The roletrail command",
    "",
    ...made("`cli/main.ts`"),
    `${program.description()} It runs after \`npm ci\` alone.`,
    "",
    "Exit codes: 0 done; 1 refused or failed, and nothing is on stdout; 3 answered, but files or records could not be read",
    "(named on stderr). Rows are on stdout, all else on stderr.",
    "",
    ...leaves(program).flatMap(commandSection),
  ].join("\n")}`;
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function commandSection(command: Command): string[] {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  const help = command.createHelp();
  const usage = command.usage().replace(/\[options\] ?/, "");
  return [
    `## ${names.join(" ")}`,
    "",
    command.description(),
    "",
    `\`npx ${names.join(" ")}${usage === "" ? "" : ` ${usage}`}\``,
    "",
    "| option | |",
    "|---|---|",
    ...help
      .visibleArguments(command)
      .map((argument) => `| \`${argument.name()}\` | ${cell(help.argumentDescription(argument))} |`),
    ...help
      .visibleOptions(command)
      .filter((option) => option.long !== "--help")
      .map((option) => `| \`${option.flags}\` | ${cell(help.optionDescription(option))} |`),
    "",
  ];
}
