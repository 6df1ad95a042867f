import { beforeAll, expect, test } from "vitest";
import { type Asker, dollarsOf } from "#/queries/engines/athena.ts";
import { ingestAthena } from "#/queries/engines/athena-ingest.ts";
import { recordAthena } from "#/queries/engines/athena-record.ts";
import type { Row } from "#/queries/engines/duckdb.ts";
import { type Grammar, trinoGrammar } from "../trino.ts";

let grammar: Grammar;
beforeAll(async () => {
  grammar = await trinoGrammar();
}, 60_000);

/** Takes every statement and answers what a run goes on with. */
function recorder(answers: (sql: string) => Row[]): { asker: Asker; sent: string[] } {
  const sent: string[] = [];
  const cost = { bytes: 0, dollars: dollarsOf(0, true), query_id: null };
  const query: Asker["query"] = ({ sql }) => {
    sent.push(sql);
    return Promise.resolve({ rows: answers(sql), updated: 0, cost });
  };
  return { asker: { database: "trail", query }, sent };
}

const key = "AWSLogs/o-1/111122223333/CloudTrail/us-east-1/2026/11/20/it's.json.gz";
const mint = {
  mint_id: "m_1",
  person_id: "p_abcdefghijklmnop",
  account: "111122223333",
  role: "arn:aws:iam::111122223333:role/Reader",
  road: "web-identity",
  outcome: "handed-over",
  intended_at: "2026-11-20T09:00:00.123Z",
  issued_at: null,
  expires_at: null,
  access_key_id: null,
  session_name: "it's",
  reason: null,
} as const;

test("every statement of a run with new files, mints and roles is Trino's grammar, and none is longer than Athena takes", async () => {
  const { asker, sent } = recorder((sql) => {
    if (sql.startsWith("select distinct cast(day as varchar) as day from arrived")) return [{ day: "2026-11-20" }];
    if (sql.startsWith("select distinct id from touched")) return [{ id: "2026-11-20" }];
    return sql.startsWith("select count(*) as n") ? [{ n: 1 }] : [];
  });
  const now = new Date("2026-11-21T12:00:00Z");
  await recordAthena(asker, [mint], [{ role: mint.role, caller: null }]);
  await recordAthena(asker, [], []);
  await ingestAthena(asker, "s3://logs/", [{ key: `prefix/${key}`, etag: '"1"', bytes: 9 }], now);
  expect(sent.length).toBeGreaterThan(40);
  for (const sql of sent) {
    expect(grammar(sql), sql).toEqual([]);
    expect(Buffer.byteLength(sql)).toBeLessThan(262_144);
  }
  const path = `'s3://logs/prefix/${key.replace("'", "''")}'`;
  expect(sent.filter((sql) => sql.includes(path))).toHaveLength(1);
});
