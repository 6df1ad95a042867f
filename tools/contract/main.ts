import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "#/core/refusal.ts";
import { callsInSandbox } from "./apart.ts";
import { clean } from "./clean.ts";
import { contract, openRun } from "./contract.ts";
import { runReference } from "./reference.ts";
import { type Report, writeReport } from "./report.ts";
import type { Run } from "./run.ts";
import type { Outside } from "./steps.ts";
import { help, readTerms } from "./terms.ts";

/** @returns the exit code: 0 all passed, 3 something was not run, 1 something failed, 2 nothing was begun. */
export async function main(given: readonly string[]): Promise<number> {
  if (given[0] === "reference") {
    await runReference(JSON.parse(given[1] ?? "{}"));
    return 0;
  }
  try {
    const terms = readTerms(given);
    if (terms === null) return said(help, 0);
    const giveUp = new AbortController();
    const outside = outsideOf(giveUp);
    const run = await openRun(terms, outside);
    if (!terms.yes) return said(`${planOf(run)}\n\nNothing was done. Add --yes to do it.`, 2);
    return terms.clean === null ? await whole(run) : await cleanedOnly(run);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`contract:aws: ${error.message}\n${error.help === undefined ? "" : `  ${error.help}\n`}`);
    return 2;
  }
}

function said(text: string, code: number): number {
  process.stdout.write(`${text}\n`);
  return code;
}

function outsideOf(giveUp: AbortController): Outside {
  const stop = (): void => {
    process.stdout.write("Giving up: what was made is removed first.\n");
    giveUp.abort(new Error("given up"));
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, stop);
  return {
    now: () => new Date(),
    // What is removed after a Ctrl-C is waited for all the same.
    wait: (milliseconds) =>
      giveUp.signal.aborted
        ? sleep(milliseconds)
        : sleep(milliseconds, undefined, { signal: giveUp.signal }).catch(() => undefined),
    say: (line) => void process.stdout.write(`${line}\n`),
    signal: giveUp.signal,
  };
}

async function whole(run: Run): Promise<number> {
  process.stdout.write(`${planOf(run)}\n\n`);
  const report = await contract(run, {
    reference: callsInSandbox(process.argv[1] ?? ""),
    endpoints: endpointsIn(process.env),
  });
  const file = writeReport(run.terms.out, report);
  return said(
    `\n${report.passed} passed, ${report.failed} failed, ${report.not_run} not run; $${report.cost.dollars.toFixed(4)}\n${file}`,
    codeOf(report),
  );
}

const codeOf = ({ failed, not_run }: Report): number => (failed > 0 ? 1 : not_run > 0 ? 3 : 0);

async function cleanedOnly(run: Run): Promise<number> {
  const isClean = await run.steps.always(`clean ${run.names.run}`, "nothing of the run stays", () => clean(run));
  for (const line of run.steps.done.flatMap(({ findings }) => findings)) process.stdout.write(`  ${line}\n`);
  return isClean ? 0 : 1;
}

function planOf({ terms, names, caller }: Run): string {
  const roles =
    terms.only === "athena"
      ? []
      : [
          `  up to 7 roles under ${names.rolePath}, and ${terms.issuer === null ? "no OIDC provider (no --issuer: the road web-identity is not run)" : `the OIDC provider ${terms.issuer.url}, unless it is there`}`,
          "  sessions of those roles, and one AWSRevokeOlderSessions",
        ];
  const athena =
    terms.only === "roles" ? [] : [`  the Glue database ${names.database} and the workgroup ${names.workgroup}`];
  const bucket = names.isOwnBucket
    ? `  the bucket ${names.bucket}`
    : `  objects under s3://${names.bucket}/${names.prefix}`;
  const [verb, cost] =
    terms.clean === null
      ? ["Makes and removes again", "About $0.02 and 10 minutes; every resource carries the tag roletrail:contract."]
      : ["Removes, where they are there,", "Makes nothing."];
  return [`Run ${names.run} as ${caller.arn} in ${terms.region}.`, `${verb}:`, bucket, ...athena, ...roles, cost].join(
    "\n",
  );
}

/** The SDK's own variables: with one of them AWS is somewhere else. */
const endpointsIn = (environment: NodeJS.ProcessEnv): string[] =>
  Object.entries(environment)
    .filter(([name, value]) => /^AWS_ENDPOINT_URL(_|$)/.test(name) && value)
    .map(([name, value]) => `${name}=${value}`);
