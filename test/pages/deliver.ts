import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { Run } from "./product.ts";

/**
 * Puts one record by hand under today's day of the trail, in CloudTrail's own layout. What the record does not say is
 * that of a management call of this moment.
 */
export function deliver({ trail }: Run, account: string, record: Readonly<Record<string, unknown>>): void {
  const organisation = readdirSync(path.join(trail.folder, "AWSLogs")).find((name) => name.startsWith("o-")) ?? "";
  const now = new Date().toISOString();
  const region = "us-east-1";
  const day = now.slice(0, 10).split("-");
  const folder = path.join(trail.folder, "AWSLogs", organisation, account, "CloudTrail", region, ...day);
  const whole = {
    eventVersion: "1.11",
    eventTime: `${now.slice(0, 19)}Z`,
    awsRegion: region,
    requestParameters: null,
    responseElements: null,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: true,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: "Management",
    ...record,
  };
  mkdirSync(folder, { recursive: true });
  const minute = `${now.slice(0, 16).replace(/[-:]/g, "")}Z`;
  const name = `${account}_CloudTrail_${region}_${minute}_${randomBytes(8).toString("hex")}.json.gz`;
  const file = path.join(folder, name);
  writeFileSync(`${file}.part`, gzipSync(JSON.stringify({ Records: [whole] })));
  renameSync(`${file}.part`, file);
}
