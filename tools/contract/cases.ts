import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import type { QuestionName } from "#/queries/catalogue.ts";
import type { MintFact } from "#/queries/record.ts";

/** The repository's own case events: what every question's cases are asked over. No log of anybody is among them. */
const folder = path.resolve(import.meta.dirname, "../../test/queries");

const Record = z.looseObject({
  eventTime: z.string().default("2026-11-20T09:00:00Z"),
  awsRegion: z.string().default("us-east-1"),
  recipientAccountId: z.string().default("111122223333"),
});
type Record = z.infer<typeof Record>;
const time = z.string().nullable();
const Mint = z.object({
  ...{ mint_id: z.string(), person_id: z.string(), account: z.string(), role: z.string(), road: z.string() },
  ...{ outcome: z.enum(["handed-over", "refused", "withheld", "failed", "unknown"]), intended_at: z.string() },
  ...{ issued_at: time, expires_at: time, access_key_id: time, session_name: time, reason: time },
}) satisfies z.ZodType<MintFact>;
const Events = z.object({ mints: z.array(Mint), records: z.array(Record) });
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const Cases = z.object({ events: z.string(), cases: z.array(z.object({ params: z.record(z.string(), value) })) });

export interface CaseTrail {
  /** In CloudTrail's layout, `AWSLogs/` on top. */
  readonly folder: string;
  /** Under the folder, in order. */
  readonly keys: readonly string[];
  /** First day of delivery, `2026/11/20`. */
  readonly since: string;
  readonly mints: readonly MintFact[];
}

/** Two deliveries, an event of the first again in another shape, and three of the second once more. */
export function caseTrail(): CaseTrail {
  const { mints, records } = Events.parse(read("events/organisation"));
  const half = Math.ceil(records.length / 2);
  const [first] = records;
  const twice = first === undefined ? [] : [{ ...first, sourceIPAddress: "198.51.100.99" }];
  const deliveries = [records.slice(0, half), [...records.slice(half), ...twice], records.slice(half, half + 3)];
  const trail = mkdtempSync(path.join(tmpdir(), "roletrail-contract-trail-"));
  for (const [place, delivery] of deliveries.entries())
    for (const [key, some] of byPlace(delivery, place)) write(path.join(trail, key), some);
  const keys = keysUnder(trail);
  const days = keys.map((key) => key.split("/").slice(4, 7).join("/")).sort();
  return { folder: trail, keys, since: days[0] ?? "", mints };
}

/** What a question is asked with; all times where it names no window. */
export function paramsOf(question: QuestionName): readonly Readonly<{ [name: string]: z.infer<typeof value> }>[] {
  return Cases.parse(read(question)).cases.map(({ params }) => params);
}

const read = (name: string): unknown => JSON.parse(readFileSync(path.join(folder, `${name}.json`), "utf8"));

/** One file an account, Region and day, as CloudTrail delivers. */
function byPlace(records: readonly Record[], place: number): Map<string, Record[]> {
  const files = new Map<string, Record[]>();
  for (const record of records) {
    const { recipientAccountId: account, awsRegion: region, eventTime } = record;
    const day = eventTime.slice(0, 10);
    const stamp = `${day.replaceAll("-", "")}T235${place}Z_${String(place).padStart(16, "A")}`;
    const key = `AWSLogs/${account}/CloudTrail/${region}/${day.replaceAll("-", "/")}/${account}_CloudTrail_${region}_${stamp}.json.gz`;
    files.set(key, [...(files.get(key) ?? []), record]);
  }
  return files;
}

function write(file: string, records: readonly Record[]): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, gzipSync(JSON.stringify({ Records: records })));
}

const keysUnder = (trail: string): string[] =>
  readdirSync(trail, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".gz"))
    .sort();
