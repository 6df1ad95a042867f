import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const root = path.resolve(import.meta.dirname, "../..");

/** Public CloudTrail logs with their truth files, outside the repository: ROLETRAIL_CORPUS, or ../shared/corpus beside it. */
export const corpus =
  [process.env["ROLETRAIL_CORPUS"], path.join(root, "../shared/corpus"), path.join(root, "../../shared/corpus")].find(
    (folder) => folder !== undefined && existsSync(path.join(folder, "invictus.truth.json")),
  ) ?? null;

export const Truth = z.object({
  records: z.number(),
  distinctEventIdAndAccount: z.number(),
  duplicates: z.number(),
  files: z.number(),
  firstEventTime: z.string(),
  lastEventTime: z.string(),
  eventsPerCaller: z.record(z.string(), z.number()),
  assumptionsMergedOnSharedEventID: z.object({
    edges: z.array(
      z.object({ caller: z.string(), role: z.string(), eventName: z.string(), ok: z.number(), failed: z.number() }),
    ),
  }),
  deniedAssumeRole: z.array(
    z.object({
      eventTime: z.string(),
      eventID: z.string(),
      caller: z.string(),
      role: z.string(),
      errorCode: z.string(),
    }),
  ),
  sessions: z.object({ distinctIssued: z.number() }),
  sessionList: z.array(
    z.object({
      accessKeyId: z.string(),
      issuedAt: z.string(),
      by: z.string(),
      eventName: z.string(),
      role: z.string(),
      sessionName: z.string(),
      parentKey: z.string().nullable(),
      callsProved: z.number(),
      callsPossible: z.number(),
    }),
  ),
  temporaryKeysNeverSeenIssued: z.object({ keys: z.number(), calls: z.number() }),
});
export type Truth = z.infer<typeof Truth>;

export const truthOf = (folder: string, set: string): Truth =>
  Truth.parse(JSON.parse(readFileSync(path.join(folder, `${set}.truth.json`), "utf8")));
