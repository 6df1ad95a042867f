import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Run, Spent } from "./run.ts";
import type { Step } from "./steps.ts";

/** What a run found, as it stands in the JSON beside the page. */
export interface Report {
  readonly run: string;
  readonly account: string;
  readonly region: string;
  readonly caller: string;
  readonly began_at: string;
  readonly ended_at: string;
  /** Where AWS was, when not at its own addresses: then nothing about AWS was proven. */
  readonly endpoints: readonly string[];
  readonly passed: number;
  readonly failed: number;
  readonly not_run: number;
  readonly cost: Cost;
  readonly steps: readonly Step[];
}

interface Cost extends Spent {
  readonly dollars: number;
  readonly prices: string;
}

/** Public prices of eu-central-1 and us-east-1, November 2026; a Region may ask more. */
const prices =
  "Athena $5 a TB scanned, 10 MB a query at least (aws.amazon.com/athena/pricing); S3 standard $0.0054 a thousand PUT and LIST, $0.00043 a thousand GET (aws.amazon.com/s3/pricing). STS, IAM and LookupEvents are free. Not counted: S3 and Glue requests that Athena makes by itself.";
const writeDollars = 0.0054 / 1_000;
const readDollars = 0.000_43 / 1_000;

export const dollarsOf = ({ athenaDollars, s3Writes, s3Reads }: Spent): number =>
  athenaDollars + s3Writes * writeDollars + s3Reads * readDollars;

export function reportOf(run: Run, { began, endpoints }: { began: Date; endpoints: readonly string[] }): Report {
  const { names, terms, caller, outside, steps, spent } = run;
  const count = (result: Step["result"]): number => steps.done.filter((step) => step.result === result).length;
  return {
    run: names.run,
    account: terms.account,
    region: terms.region,
    caller: caller.arn,
    began_at: began.toISOString(),
    ended_at: outside.now().toISOString(),
    endpoints,
    passed: count("passed"),
    failed: count("failed"),
    not_run: count("not run"),
    cost: { ...spent, dollars: dollarsOf(spent), prices },
    steps: steps.done,
  };
}

/** `contract-aws-2026-11-21.md` and `.json`; a later one of the day gets a number. @returns the page's path. */
export function writeReport(folder: string, report: Report): string {
  mkdirSync(folder, { recursive: true });
  const named = (nth: number): string => `contract-aws-${report.began_at.slice(0, 10)}${nth === 1 ? "" : `-${nth}`}`;
  let nth = 1;
  while (existsSync(path.join(folder, `${named(nth)}.md`))) nth += 1;
  const file = path.join(folder, `${named(nth)}.md`);
  writeFileSync(file, pageOf(report));
  writeFileSync(file.replace(/\.md$/, ".json"), `${JSON.stringify(report, null, 2)}\n`);
  return file;
}

function pageOf(report: Report): string {
  const { account, region, caller, run, began_at, ended_at, endpoints, cost, steps } = report;
  const rows = steps.map(
    ({ name, proves, result, words, seconds }) =>
      `| ${cell(name)} | ${cell(proves)} | ${result} | ${seconds.toFixed(1)} | ${cell(words)} |`,
  );
  const where =
    endpoints.length === 0
      ? "AWS's own endpoints."
      : `**Not AWS**: ${endpoints.map(cell).join(", ")}. This shows that the command itself works, and nothing about AWS.`;
  return `# Roletrail against account ${account}, ${began_at.slice(0, 10)}

${report.passed} passed, ${report.failed} failed, ${report.not_run} not run. ${where}

Run \`${run}\` in ${region} as \`${cell(caller)}\`, ${began_at} to ${ended_at}.

| step | what it proves | result | seconds | seen |
|---|---|---|---|---|
${rows.join("\n")}
${findings(steps)}
## Cost

$${cost.dollars.toFixed(4)}: ${cost.athenaQueries} Athena queries ($${cost.athenaDollars.toFixed(4)}, ${cost.athenaBytes} bytes scanned), ${cost.s3Writes} writing and ${cost.s3Reads} reading requests to S3. ${cost.prices}
`;
}

function findings(steps: readonly Step[]): string {
  const found = steps.filter((step) => step.findings.length > 0);
  if (found.length === 0) return "";
  const lists = found.map(
    (step) => `### ${step.name}\n\n${step.findings.map((line) => `- ${cell(line)}`).join("\n")}\n`,
  );
  return `\n## What differed\n\n${lists.join("\n")}`;
}

/** AWS's words are text: no cell, link or tag of theirs. */
const cell = (text: string): string =>
  text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("[", "\\[");
