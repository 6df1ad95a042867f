import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { MintFact } from "#/queries/record.ts";
import { generateTrail } from "../../tools/trail-generator.ts";
import { type AwsRecord, call, roleSession } from "../queries/aws-records.ts";

const organisation = "o-bench00000";
/** As the organisation's trail lays files out; accounts and Regions as they come. */
export const organisationFolder = `AWSLogs/${organisation}`;
const home = "111122223333";

export const { mints, records }: { mints: MintFact[]; records: AwsRecord[] } = JSON.parse(
  readFileSync(`${import.meta.dirname}/../queries/events/organisation.json`, "utf8"),
);

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const placed = (record: AwsRecord): string =>
  [record["eventTime"], record["eventID"], record["recipientAccountId"]].map(text).join(" ");

/** Athena counts a file's records in this order, for its input format names no place: here it is the true one. */
export const inOrder = (some: readonly AwsRecord[]): AwsRecord[] =>
  some.toSorted((a, b) => (placed(a) < placed(b) ? -1 : 1));

export const packed = (some: readonly AwsRecord[]): Buffer => gzipSync(JSON.stringify({ Records: inOrder(some) }));

/** The key of the home account's file of that letter: letters are the order in which duplicates win. */
export const keyOf = (letter: string, day = "2026/11/20"): string =>
  `${organisationFolder}/${home}/CloudTrail/us-east-1/${day}/${home}_CloudTrail_us-east-1_${day.replaceAll("/", "")}T0905Z_${letter.repeat(16)}.json.gz`;

export function put(folder: string, key: string, body: Buffer): void {
  const file = path.join(folder, key);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, body);
}

/**
 * Three months of an organisation of generated accounts, with role chains, services, denials and duplicates, and the
 * questions' own records: in two files, with one that differs, three that came twice, and a file cut short.
 */
export function layTrail(folder: string): void {
  generateTrail({ out: folder, events: 600, files: 10, seed: "trino" });
  for (const name of readdirSync(path.join(folder, "AWSLogs"), { recursive: true, encoding: "utf8" })) {
    const file = path.join(folder, "AWSLogs", name);
    if (file.endsWith(".gz"))
      writeFileSync(file, packed(JSON.parse(gunzipSync(readFileSync(file)).toString()).Records));
  }
  const half = Math.ceil(records.length / 2);
  // A session whose issuing call no log holds, too: its end is not known.
  const unissued = call(roleSession("Pod", "pod", "ASIAPOD", 10), 60);
  put(folder, keyOf("a"), packed([...records.slice(0, half), unissued]));
  put(folder, keyOf("b"), packed([...records.slice(half), { ...records[0], sourceIPAddress: "198.51.100.99" }]));
  put(folder, keyOf("c"), packed(records.slice(half, half + 3)));
  put(folder, keyOf("d", "2026/11/21"), packed(records).subarray(0, 300));
}
