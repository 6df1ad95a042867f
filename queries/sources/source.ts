import { Refusal } from "#/core/refusal.ts";

/** One object of a trail. `etag` changes when its content does: S3's own, or size and time of change in a folder. */
export interface Listed {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
}

export interface Listing {
  /** In key order. The same object as before where it is known that nothing changed. */
  readonly files: readonly Listed[];
  /** What lies there and is no log file, by kind: said, never counted as read. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** Where CloudTrail files are. The same for a folder and a bucket, so everything behind it is too. */
export interface Source {
  /** As it was given: a path or s3://bucket/prefix. */
  readonly where: string;
  /** `days` (`2026/11/21`) prunes by delivery day where the key has one; a key without one is always listed. */
  list(days?: ReadonlySet<string>): Promise<Listing>;
  read(key: string): Promise<Buffer>;
}

const isLog = /\.(json|jsonl|ndjson)(\.gz)?$/i;

/** `log` for what is read, else the kind under which it is said to have been skipped. */
export function kindOf(key: string): string {
  // Beside the logs: digests, insights, what a query of CloudTrail Lake left.
  const beside = /(?:^|\/)(CloudTrail-(?:Digest|Insight|Lake))\//.exec(key)?.[1];
  if (beside !== undefined) return `${beside} files`;
  // A bucket of Control Tower's holds Config's files too, some of them .json.gz; of an account that may be masked.
  if (/(^|\/)AWSLogs\/(o-[a-z0-9]+\/)?[^/]+\/Config\//.test(key)) return "AWS Config files";
  // What macOS writes beside each file on a disk of another kind, and in zips.
  if (/(^|\/)\._[^/]*$/.test(key)) return "other files";
  return isLog.test(key) ? "log" : "other files";
}

/** `…/CloudTrail/<region>/YYYY/MM/DD` → `YYYY/MM/DD`: the day of delivery, not of the events. */
export const deliveryDayOf = (key: string): string | null =>
  /(?:^|\/)CloudTrail\/[^/]+\/(\d{4}\/\d{2}\/\d{2})(?:\/|$)/.exec(key)?.[1] ?? null;

/** A folder whose path could still lead to one of the days: `…/CloudTrail/<region>/2026/` for 2026/11/21. */
export function mayHold(folder: string, days: ReadonlySet<string> | undefined): boolean {
  if (days === undefined) return true;
  const whole = deliveryDayOf(folder);
  if (whole !== null) return days.has(whole);
  const begun = /(?:^|\/)CloudTrail\/[^/]+\/(\d{4}\/(?:\d{2}\/)?)$/.exec(folder)?.[1];
  return begun === undefined || [...days].some((day) => day.startsWith(begun));
}

export const noTrail = (where: string, why: string): Refusal =>
  new Refusal("trail.none", `${where}: ${why}.`, {
    help: "Name a folder of CloudTrail files (.json.gz or .json), for example the one that holds AWSLogs/.",
  });
