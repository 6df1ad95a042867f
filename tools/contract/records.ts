import { CloudTrailClient, paginateLookupEvents } from "@aws-sdk/client-cloudtrail";
import { z } from "zod";
import type { Run } from "./run.ts";
import { shapeDiff, type TrailRecord } from "./shapes.ts";
import { Failed } from "./steps.ts";

/** The same calls made in a sandbox account of its own, by the same sort of caller. */
export type Reference = (like: {
  readonly isSession: boolean;
  readonly hasIssuer: boolean;
}) => Promise<{ readonly run: string; readonly records: readonly TrailRecord[] }>;

const name = "CloudTrail's records have the shapes of the sandbox's";
const proves = "what the product reads of the trail is what AWS writes";

/** Waits for CloudTrail's own records of this run, and compares them with those of the same calls in the sandbox. */
export async function recordSteps(run: Run, since: Date, reference: Reference): Promise<void> {
  const { steps, terms, caller } = run;
  if (terms.waitTrailMinutes === 0)
    return void steps.skip(name, proves, "give --wait-trail 20: CloudTrail shows an event up to 15 minutes later");
  await steps.step(name, proves, async () => {
    const sandbox = await reference({ isSession: caller.isSession, hasIssuer: terms.issuer !== null });
    const ours = sandbox.records.filter((record) => isOf(record, sandbox.run));
    const theirs = await lookedUp(run, since, wantedOf(ours));
    const { compared, differences, alone } = shapeDiff(theirs, ours);
    if (differences.length > 0)
      throw new Failed(`${differences.length} differences in ${compared.length} kinds of records.`, [
        ...differences,
        ...alone,
      ]);
    if (compared.length === 0)
      throw new Failed(
        `None of the ${theirs.length} records looked up is of a call that the sandbox made, too.`,
        alone,
      );
    return `${theirs.length} records of ${compared.length} kinds, equal in every path and type${alone.length === 0 ? "" : `; not compared: ${alone.join("; ")}`}`;
  });
}

/** Both calls under the run's names and their refusals: its name stands in every one of its roles. */
const isOf = (record: TrailRecord, run: string): boolean => JSON.stringify(record).includes(run);

/** How many records of each service there are to wait for. */
function wantedOf(records: readonly TrailRecord[]): number {
  return records.filter((record) => services.includes(String(record["eventSource"]))).length;
}

const services = ["sts.amazonaws.com", "iam.amazonaws.com"];
const pauseMs = 15_000;
const pagePauseMs = 600;

/** LookupEvents answers two calls a second and 50 events a page; IAM's events are in us-east-1 wherever one works. */
async function lookedUp(run: Run, since: Date, wanted: number): Promise<readonly TrailRecord[]> {
  const { outside, terms } = run;
  const until = outside.now().getTime() + terms.waitTrailMinutes * 60_000;
  for (;;) {
    const found: TrailRecord[] = [];
    for (const service of services) found.push(...(await eventsOf(run, since, service)));
    if (found.length >= wanted) return found;
    if (outside.now().getTime() > until) {
      if (found.length > 0) return found;
      throw new Failed(`CloudTrail showed none of this run's calls in ${terms.waitTrailMinutes} minutes.`);
    }
    await outside.wait(pauseMs);
  }
}

const Event = z.record(z.string(), z.unknown());

async function eventsOf({ outside, terms, names }: Run, since: Date, service: string): Promise<TrailRecord[]> {
  const region = service === "iam.amazonaws.com" ? globalRegionOf(terms.region) : terms.region;
  const client = new CloudTrailClient({ region, maxAttempts: 8 });
  const asked = {
    LookupAttributes: [{ AttributeKey: "EventSource", AttributeValue: service } as const],
    StartTime: since,
  };
  const found: TrailRecord[] = [];
  for await (const { Events = [], NextToken } of paginateLookupEvents({ client, pageSize: 50 }, asked)) {
    const records = Events.map(({ CloudTrailEvent: text = "{}" }) => Event.parse(JSON.parse(text)));
    found.push(...records.filter((record) => isOf(record, names.run)));
    if (NextToken !== undefined) await outside.wait(pagePauseMs);
  }
  client.destroy();
  return found;
}

/** Where a partition's global services leave their events. */
const globalRegionOf = (region: string): string => {
  if (region.startsWith("us-gov-")) return "us-gov-west-1";
  return region.startsWith("cn-") ? "cn-northwest-1" : "us-east-1";
};
