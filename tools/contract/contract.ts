import { STSClient } from "@aws-sdk/client-sts";
import { clean } from "./clean.ts";
import { identitySteps } from "./identity.ts";
import { namesOf, newRun } from "./names.ts";
import { athenaSteps } from "./questions.ts";
import { type Reference, recordSteps } from "./records.ts";
import { type Report, reportOf } from "./report.ts";
import { callerOf, nothingSpent, type Run } from "./run.ts";
import { type Outside, Steps } from "./steps.ts";
import { Storage } from "./storage.ts";
import type { Terms } from "./terms.ts";

/** Opens a run, new or (`--clean`) an old one under its name. @throws Refusal `account.none` for another account. */
export async function openRun(terms: Terms, outside: Outside): Promise<Run> {
  const sts = new STSClient({ region: terms.region, maxAttempts: 3 });
  try {
    const caller = await callerOf(sts, terms.account);
    const names = namesOf(terms, terms.clean ?? newRun(outside.now()));
    return { terms, names, outside, steps: new Steps(outside), caller, spent: nothingSpent() };
  } finally {
    sts.destroy();
  }
}

/** Proves what it can and cleans up, whatever happens. Given up (Ctrl-C), it cleans up and reports what there was. */
export async function contract(run: Run, { reference, endpoints }: Beside): Promise<Report> {
  const began = run.outside.now();
  try {
    await everyStep(run, { began, reference });
  } catch (error) {
    if (!run.outside.signal.aborted) throw error;
    run.outside.say("Given up. Cleaning …");
  } finally {
    await cleaned(run);
  }
  return reportOf(run, { began, endpoints });
}

export interface Beside {
  readonly reference: Reference;
  /** AWS_ENDPOINT_URL* that are set. */
  readonly endpoints: readonly string[];
}

async function everyStep(run: Run, { began, reference }: { began: Date; reference: Reference }): Promise<void> {
  const { steps, terms } = run;
  const storage = new Storage(run);
  try {
    const hasBucket = await steps.step("a bucket", "where case events and results lie", () => storage.make());
    if (terms.only !== "athena") {
      await identitySteps(run, hasBucket);
      await recordSteps(run, began, reference);
    }
    if (terms.only === "roles") return;
    if (hasBucket) await athenaSteps(run, storage);
    else steps.skip("the trail on Athena", "facts and questions", "there is no bucket");
  } finally {
    storage.close();
  }
}

/** A step of its own, and never one that is given up. */
async function cleaned(run: Run): Promise<void> {
  const untilDone = { ...run, outside: { ...run.outside, signal: AbortSignal.any([]) } };
  await run.steps.always("clean up", "nothing of the run stays in the account", () => clean(untilDone));
}
