import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Asker } from "#/queries/engines/athena.ts";
import { tables } from "#/queries/engines/athena-ddl.ts";
import { ingestAthena } from "#/queries/engines/athena-ingest.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import type { Listed } from "#/queries/sources/source.ts";
import { loaded } from "../queries/answers.ts";
import { type AwsRecord, trailOf } from "../queries/aws-records.ts";
import { openTrino } from "./client.ts";
import { emptyLake } from "./load.ts";

const data = process.env["TRINO_DATA"] ?? "";
const { records }: { records: AwsRecord[] } = JSON.parse(
  readFileSync(`${import.meta.dirname}/../queries/events/organisation.json`, "utf8"),
);

/** Two deliveries with a duplicate that differs, one of the same file twice, and a file cut short. */
function organisation(): string {
  const half = Math.ceil(records.length / 2);
  const twice = { ...records[0], sourceIPAddress: "198.51.100.99" };
  const folder = trailOf(records.slice(0, half), [...records.slice(half), twice], records.slice(half, half + 3));
  const day = path.join(folder, "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20");
  const [whole = ""] = readdirSync(day);
  const cut = readFileSync(path.join(day, whole)).subarray(0, 300);
  writeFileSync(path.join(day, "111122223333_CloudTrail_us-east-1_20261120T0910Z_bbbbbbbbbbbbbbbb.json.gz"), cut);
  return folder;
}

const strings = (...names: string[]): string => names.map((name) => `${name} varchar`).join(", ");
const identity = `row(${strings("type", "principalid", "arn", "accountid", "accesskeyid", "username", "invokedby", "identityprovider")},
  sessioncontext row(attributes row(${strings("mfaauthenticated", "creationdate")}),
    sessionissuer row(${strings("type", "principalid", "arn", "accountid", "username")}), ${strings("sourceidentity", "assumedroot")}),
  onbehalfof row(${strings("userid", "identitystorearn")}))`;
const record = `row(${strings("eventversion")}, useridentity ${identity},
  ${strings("eventtime", "eventsource", "eventname", "awsregion", "sourceipaddress", "useragent", "errorcode", "errormessage")},
  ${strings("requestparameters", "responseelements", "additionaleventdata", "requestid", "eventid", "readonly", "apiversion")},
  resources array(row(${strings("arn", "accountid", "type")})),
  ${strings("eventtype", "recipientaccountid", "serviceeventdetails", "sharedeventid", "vpcendpointid", "eventcategory")},
  ${strings("addendum", "managementevent", "sessioncredentialfromconsole")},
  tlsdetails row(${strings("tlsversion", "ciphersuite", "clientprovidedhostheader")}))`;

/** Trino has no CloudTrail input format: one array of records a file, and a view that lays them flat as Athena's table. */
async function rawTable(lake: Asker, folder: string): Promise<Listed[]> {
  const name = lake.database;
  cpSync(folder, path.join(data, "trail", name), { recursive: true });
  const files = readdirSync(path.join(folder, "AWSLogs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".gz"))
    .map((file) => `AWSLogs/${file}`)
    .sort();
  const parts = (at: number): string => [...new Set(files.map((file) => `'${file.split("/")[at]}'`))].join(", ");
  const logs = openTrino("logs", "raw");
  const run = (sql: string) => logs.query({ sql, seconds: 60 });
  await run("create schema if not exists logs.raw");
  await run(`create table lines_${name} (records array(${record}),
    account varchar with (partition_projection_type = 'ENUM', partition_projection_values = array[${parts(1)}]),
    region varchar with (partition_projection_type = 'ENUM', partition_projection_values = array[${parts(3)}]),
    day varchar with (partition_projection_type = 'DATE', partition_projection_format = 'yyyy/MM/dd',
      partition_projection_range = array['2014/01/01', '2026/12/31'], partition_projection_interval = 1,
      partition_projection_interval_unit = 'DAYS'))
    with (format = 'OPENX_JSON', external_location = 'local:///trail/${name}/AWSLogs',
      partitioned_by = array['account', 'region', 'day'], partition_projection_enabled = true,
      partition_projection_location_template = 'local:///trail/${name}/AWSLogs/\${account}/CloudTrail/\${region}/\${day}')`);
  await lake.query({
    sql: `create view cloudtrail_raw as select r.*, l.account, l.region, l.day, l."$path" as "$path"
      from logs.raw.lines_${name} l cross join unnest(l.records) as r`,
    seconds: 60,
  });
  return files.map((key) => ({ key, etag: `"${key.length}"`, bytes: statSync(path.join(folder, key)).size }));
}

const now = new Date("2026-11-21T12:00:00Z");
const where = (lake: Asker): string => `local:///trail/${lake.database}/`;

async function rows(lake: Asker, table: keyof typeof tables, without: readonly string[]): Promise<string[]> {
  const list = Object.entries(tables[table])
    .filter(([name]) => !without.includes(name))
    .map(([name, type]) =>
      type.startsWith("array") ? `json_format(cast("${name}" as json)) as "${name}"` : `"${name}"`,
    );
  const { rows: found } = await lake.query({ sql: `select ${list.join(", ")} from "${table}"`, seconds: 60 });
  return found.map((row) => JSON.stringify(row)).sort();
}

async function wanted(store: EventStore, table: keyof typeof tables, without: readonly string[]): Promise<string[]> {
  const list = Object.entries(tables[table])
    .filter(([name]) => !without.includes(name))
    .map(([name, type]) =>
      type.startsWith("array") ? `json_format(cast("${name}" as json)) as "${name}"` : `"${name}"`,
    );
  return (await store.writer.rows(`select ${list.join(", ")} from "${table}"`))
    .map((row) => JSON.stringify(row))
    .sort();
}

/** Made another way on Athena: the place in a file is not known there, and resources come through a struct. */
const apart = ["file_index", "resources"];

const sets: readonly [string, () => string][] = [["organisation", organisation]];

describe.each(sets)("raw logs of %s", (name, folderOf) => {
  let lake: Asker;
  let store: EventStore;
  let listed: Listed[];
  beforeAll(async () => {
    const folder = folderOf();
    store = await loaded(folder);
    lake = await emptyLake(`raw_${name}`);
    listed = await rawTable(lake, folder);
  });
  afterAll(() => store.close());

  test("read file by file, late ones first, are the embedded engine's events", async () => {
    const [first = listed[0], ...others] = [...listed].reverse();
    if (first === undefined) throw new Error("no files");
    await ingestAthena(lake, where(lake), [first], now);
    const done = await ingestAthena(lake, where(lake), [...others, first], now);
    expect(done).toMatchObject({ files: others.length, changed: true });
    expect(await rows(lake, "events", apart)).toEqual(await wanted(store, "events", apart));
    const known = ["event_id", "recipient_account", "happened_at", "region", "file"];
    const left = Object.keys(tables.duplicates).filter((column) => !known.includes(column));
    expect(await rows(lake, "duplicates", left)).toEqual(await wanted(store, "duplicates", left));
  });

  test("and in the end its facts", async () => {
    for (const table of ["sessions", "issuances", "uses", "links", "openings"] as const)
      expect(await rows(lake, table, []), table).toEqual(await wanted(store, table, []));
  });

  test("every file is in the ledger with its records; one that cannot be read says so", async () => {
    const { rows: files } = await lake.query({
      sql: "select file, state, records from files order by file",
      seconds: 60,
    });
    expect(files).toEqual(await store.writer.rows("select file, state, records from files order by file"));
  });

  test("a run over the same files changes nothing", async () => {
    const count = { sql: "select count(*) as n from runs", seconds: 60 };
    const before = (await lake.query(count)).rows;
    expect(await ingestAthena(lake, where(lake), listed, now)).toEqual({ files: 0, unreadable: 0, changed: false });
    expect((await lake.query(count)).rows).toEqual(before);
  });
});

rmSync(path.join(data, "trail"), { recursive: true, force: true });
mkdirSync(path.join(data, "trail"), { recursive: true });
