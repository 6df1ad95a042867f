import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { JsonObject } from "./call.ts";
import type { DeliveredRecord } from "./records.ts";

/** Writes the organisation trail: `.json.gz` files at CloudTrail's own keys, each renamed into place whole. */
export interface TrailWriter {
  record(records: readonly DeliveredRecord[], happenedAt: Date): void;
  /** Delivers everything at once, held back or not: for the end of the process. */
  flush(): void;
  close(): void;
}

export interface TrailPlace {
  /** `<world>/s3/<trail bucket>` */
  readonly bucketFolder: string;
  /** Outside the bucket, on the same disk: files appear under their key only when they are whole. */
  readonly temporaryFolder: string;
  readonly organisationId: string;
  /** 0-3600; how long after it happened a record is delivered. A file is closed at most one second after a record. */
  readonly delaySeconds: number;
  readonly now: () => Date;
  /** Whether this account's event selectors ask for the record. */
  readonly selects: (account: string, record: JsonObject) => boolean;
}

export function openTrail(place: TrailPlace): TrailWriter {
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  mkdirSync(place.temporaryFolder, { recursive: true, mode: 0o700 });
  mkdirSync(place.bucketFolder, { recursive: true });
  const deliver = (dueBy: number): void => {
    const due = waiting.filter((one) => one.dueAt <= dueBy);
    waiting = waiting.filter((one) => one.dueAt > dueBy);
    for (const batch of batches(due)) writeFile(place, batch);
  };
  const arm = (): void => {
    const first = waiting[0];
    if (timer !== undefined || first === undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        deliver(place.now().getTime());
        arm();
      },
      Math.max(gatherMs, first.dueAt - place.now().getTime()),
    );
    timer.unref();
  };
  // Half a second of the delay is spent gathering: one file for what happens together, closed within the second.
  const holdMs = Math.max(0, place.delaySeconds * 1000 - gatherMs);
  return {
    record(records, happenedAt) {
      const wanted = records.filter((one) => place.selects(one.account, one.record));
      waiting.push(...wanted.map((one) => ({ ...one, dueAt: happenedAt.getTime() + holdMs })));
      arm();
    },
    flush: () => deliver(Number.POSITIVE_INFINITY),
    close() {
      clearTimeout(timer);
      deliver(Number.POSITIVE_INFINITY);
    },
  };
}

interface Waiting extends DeliveredRecord {
  readonly dueAt: number;
}

const gatherMs = 400;
// CloudTrail's own files stay under 50 MB compressed; these stay readable in one piece.
const recordsMax = 5_000;

/** One batch an account and Region, cut where a file would grow too large. */
function batches(due: readonly Waiting[]): Waiting[][] {
  const groups = grouped(due);
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / recordsMax) }, (_, at) =>
      group.slice(at * recordsMax, (at + 1) * recordsMax),
    ),
  );
}

const placeOf = (one: Waiting): string => `${one.account} ${one.region}`;

function grouped(due: readonly Waiting[]): Map<string, Waiting[]> {
  const groups = new Map<string, Waiting[]>();
  for (const one of due) {
    const group = groups.get(placeOf(one));
    if (group === undefined) groups.set(placeOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

function writeFile(place: TrailPlace, batch: readonly Waiting[]): void {
  const [first] = batch;
  if (first === undefined) return;
  const records: JsonObject[] = batch.map((one) => one.record);
  const temporary = path.join(place.temporaryFolder, `${process.pid}-${uniqueName()}`);
  const file = path.join(place.bucketFolder, keyOf(place, first.account, first.region));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(temporary, gzipSync(JSON.stringify({ Records: records })), { mode: 0o644 });
  renameSync(temporary, file);
}

/** Day and minute in the key are of delivery, not of the events (CloudTrail guide, "log file names"). */
function keyOf(place: TrailPlace, account: string, region: string): string {
  const at = place.now().toISOString();
  const day = at.slice(0, 10).replaceAll("-", "/");
  const minute = `${at.slice(0, 16).replace(/[-:]/g, "")}Z`;
  const name = `${account}_CloudTrail_${region}_${minute}_${uniqueName()}.json.gz`;
  return path.posix.join("AWSLogs", place.organisationId, account, "CloudTrail", region, day, name);
}

/** Sixteen letters and digits. */
function uniqueName(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from(randomBytes(16), (byte) => alphabet.charAt(byte % alphabet.length)).join("");
}
