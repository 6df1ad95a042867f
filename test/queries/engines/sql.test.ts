import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Desk } from "#/queries/ask.ts";
import type { Asker } from "#/queries/engines/athena.ts";
import { AthenaEngine } from "#/queries/engines/athena-engine.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import { runSql } from "#/queries/engines/sql-desk.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { type MintFact, recordMints } from "#/queries/record.ts";
import { seesAll, type Viewer } from "#/queries/viewer.ts";
import { loaded } from "../answers.ts";
import { type AwsRecord, trailOf } from "../aws-records.ts";
import { builtProcess } from "../ingest/worker.ts";

const { mints, records }: { mints: MintFact[]; records: AwsRecord[] } = JSON.parse(
  readFileSync(`${import.meta.dirname}/../events/organisation.json`, "utf8"),
);
const other: Viewer = { accounts: ["444455556666"], person: null };

let store: EventStore;
let desk: Desk;
let child: string;
let remove: () => void;

beforeAll(async () => {
  ({ file: child, remove } = await builtProcess("queries/engines/sql-child.ts"));
  // A file that came twice: its records are duplicates, and hidden.
  store = await loaded(trailOf(records, records.slice(0, 2)));
  await recordMints(store.writer, mints);
  const { engine } = store;
  desk = new Desk(new DuckdbEngine({ engine, watermark: () => 1, bytes: () => store.bytes(), sqlChild: child }));
}, 60_000);
afterAll(() => {
  store.close();
  remove();
});

const rows = async (sql: string, viewer: Viewer = seesAll) => (await desk.sql(viewer, sql)).rows;
const refusal = (sql: string, viewer: Viewer = seesAll) =>
  desk.sql(viewer, sql).then(
    () => "ran",
    ({ code, message, help }: { code: string; message: string; help?: string }) => `${code}: ${message} ${help ?? ""}`,
  );

test("one SELECT over the facts is answered in Athena's words, as the engine itself answers it", async () => {
  const sql = `with busy as (select caller, count(*) as n, approx_percentile(hour(happened_at), 0.5) as hour from events group by caller)
    select b.caller, b.n, json_extract_scalar(min(e.request), '$.roleArn') as role, date_trunc('day', max(e.happened_at)) as day
    from busy b join events e on e.caller = b.caller where b.n >= 1 and e.caller like 'arn:%' group by b.caller, b.n order by b.n desc, b.caller`;
  const answer = await desk.sql(seesAll, sql);
  expect(answer.rows).toEqual(await store.writer.rows(sql));
  expect(answer.rows.length).toBeGreaterThan(2);
  expect(answer).toMatchObject({ question: "sql", sql, cached: false, complete_up_to: expect.any(String) });
  expect(answer.columns.map(({ name }) => name)).toEqual(["caller", "n", "role", "day"]);
  for (const fact of ["activity", "coverage", "duplicates", "files", "issuances", "mints", "sessions"])
    expect(await rows(`select count(*) as n from ${fact};`), fact).toEqual(
      await store.writer.rows(`select count(*) as n from ${fact}`),
    );
  expect(await rows("select count(*) as n from events")).toEqual([{ n: records.length }]);
}, 60_000);

test("a viewer of one account sees that account's rows, however the SQL is written", async () => {
  const ours = { accounts: ["111122223333", "444455556666"], person: null };
  expect(await rows("select count(*) as n from events", ours)).toEqual([{ n: records.length }]);
  expect(await rows("select distinct recipient_account as a from events", other)).toEqual([{ a: "444455556666" }]);
  expect(await rows("select distinct account as a from (select * from sessions) as s", other)).toEqual([
    { a: "444455556666" },
  ]);
  expect(await rows("select count(*) as n from mints", other)).toEqual([{ n: 0 }]);
  expect(await rows("select count(*) as n from coverage where account <> '444455556666'", other)).toEqual([{ n: 0 }]);
  const nobody = { accounts: ["999999999999"], person: null };
  expect(await rows("select count(*) as n from events", nobody)).toEqual([{ n: 0 }]);
});

test("of a fact read out of others, a narrowed viewer sees a part of the whole, counted over the whole", async () => {
  const person: Viewer = { accounts: ["111122223333"], person: "p_abcdefghijklmnop" };
  const whole = new Set((await rows("select * from activity")).map((row) => JSON.stringify(row)));
  for (const viewer of [other, person]) {
    const seen = await rows("select * from activity", viewer);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(whole.size);
    for (const row of seen) expect(whole).toContain(JSON.stringify(row));
  }
}, 60_000);

describe("what is no SELECT over the facts is refused, before anything is read", () => {
  const hostile = [
    "select 1; select 2",
    "insert into sessions select * from sessions",
    "copy sessions to '/tmp/x.csv'",
    "attach '/etc/passwd' as x",
    "install httpfs",
    "load httpfs",
    "set memory_limit = '100GB'",
    "reset lock_configuration",
    "pragma database_list",
    "call pragma_version()",
    "create table x as select 1",
    "drop view sessions",
    "explain analyze select 1",
    "export database '/tmp/x'",
    "vacuum",
    "checkpoint",
    "prepare x as select 1",
    "show tables",
    "describe sessions",
    "select * from '/etc/passwd'",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_parquet('/tmp/*.parquet')",
    "select * from read_json_auto('/etc/passwd')",
    "select * from glob('/*')",
    "select * from duckdb_settings()",
    "select * from duckdb_views()",
    "select * from information_schema.tables",
    "select * from pg_catalog.pg_tables",
    "select * from sqlite_master",
    "select * from main.sessions",
    "select * from memory.main.sessions",
    "select * from hidden",
    "select * from openings",
    "select * from query('select 1')",
    "select * from query_table('sessions')",
    "select * from json_execute_serialized_sql('x')",
    "select getenv('HOME')",
    "select current_setting('temp_directory')",
    "select range(0, 1000000000)",
    "select repeat('x', 1000000000)",
    "select lpad('x', 1000000000, 'x')",
    "select error('x')",
    "select system.main.sum(1) from sessions",
    "select list_transform([1], x -> x)",
    "select * from sessions at (version => 1)",
    "with sessions as (select 1 as x) select * from sessions",
    "with recursive r as (select 1 as x union all select x + 1 from r) select * from r",
    "select $1",
    "pivot sessions on account using count(*)",
    "from sessions select columns('a.*'), (select count(*) from read_csv('/etc/passwd'))",
    "select count(*) from sessions where exists (select 1 from glob('*'))",
    "select 1) as asked; drop view sessions; select * from (select 1",
    "select 1) union all (select count(*) from hidden",
    "select '",
    "/* nothing */",
    "-- nothing",
  ];
  test.each(hostile)("%s", async (sql) => {
    expect(await refusal(sql)).toMatch(/^sql\.refused: (Roletrail does not run this SQL|The SQL did not run)/);
  });
});

test("a column that is not there is said in the engine's words", async () => {
  expect(await refusal("select nonsense from sessions")).toMatch(/The SQL did not run\. .*nonsense/);
});

test("a value that grows past all memory ends its own process, and nothing else", async () => {
  const steps = Array.from({ length: 36 }, (_, at) => `, s${at + 1} as (select x || x as x from s${at})`).join("");
  const bomb = `with s0 as (select max(user_agent) || '0123456789abcdef' as x from events)${steps} select length(x) as n from s36`;
  expect(await refusal(bomb)).toMatch(/^sql\.refused/);
  expect(await rows("select count(*) as n from sessions")).toHaveLength(1);
}, 60_000);

test("what takes too long is stopped", async () => {
  const slow =
    "select count(*) as n from events a, events b, events c, events d, events e, events f, events g, events h, events i";
  const terms = { child, rowsMax: 10, seconds: 3 };
  await expect(runSql(store.engine, slow, seesAll, terms)).rejects.toMatchObject({ code: "trail.timeout" });
}, 30_000);

test("more rows than may come are a refusal, never a cut", async () => {
  expect(await refusal("select a.event_id from events a, events b, events c, events d")).toMatch(
    /^trail\.too-big: The SQL has more than 10000 rows/,
  );
});

describe("on Athena", () => {
  const sent: string[] = [];
  const asker = (answers: Record<string, unknown>[]): Asker => ({
    database: "trail",
    query: async ({ sql }) => {
      sent.push(sql);
      return {
        rows: answers,
        columns: [{ name: "n", type: "bigint" }],
        updated: 0,
        cost: { bytes: 1, dollars: 0.00005, query_id: "q" },
      };
    },
  });
  const now = () => new Date("2026-11-21T12:00:00Z");

  test("it runs as a role and in a workgroup of its own, for who sees everything", async () => {
    const engine = new AthenaEngine(asker([]), now, asker([{ n: 1 }]));
    const { rows: found, columns } = await engine.sql("select count(*) as n from mints -- all;\n;", seesAll);
    expect({ found, columns }).toEqual({ found: [{ n: 1 }], columns: [{ name: "n", type: "bigint" }] });
    expect(sent.at(-1)).toMatch(
      /^with mints as \([\s\S]*select \* from \(\nselect count\(\*\) as n from mints -- all;/,
    );
    expect(sent.at(-1)).toMatch(/\nlimit 10001$/);
    await expect(engine.sql("select 1", other)).rejects.toMatchObject({ code: "sql.refused" });
    for (const sql of [
      "drop table events",
      "select 1; select 2",
      "unload (select 1) to 's3://x'",
      "execute x",
      "select ?",
    ])
      await expect(engine.sql(sql, seesAll), sql).rejects.toMatchObject({ code: "sql.refused" });
  });

  test("without that role it is refused", async () => {
    const engine = new AthenaEngine(asker([]), now);
    await expect(engine.sql("select 1", seesAll)).rejects.toMatchObject({ code: "sql.refused" });
  });
});
