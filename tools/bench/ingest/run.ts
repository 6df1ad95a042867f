// One run of the ingest bench, in a process of its own: `ours`, `baseline` or `questions`, over one trail folder.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { Desk } from "#/queries/ask.ts";
import { questions } from "#/queries/catalogue.ts";
import { openDuckdb } from "#/queries/engines/duckdb.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import { readTrail } from "#/queries/ingest/read.ts";
import { EventStore } from "#/queries/ingest/store.ts";
import { refreshFacts } from "#/queries/refresh.ts";
import { openSource } from "#/queries/sources/open.ts";
import { seesAll } from "#/queries/viewer.ts";

const [what = "", trail = "", out = "", worker = ""] = process.argv.slice(2);
function open(): Promise<EventStore> {
  return EventStore.open({
    events: path.join(out, "events"),
    facts: path.join(out, "facts.duckdb"),
    staging: path.join(out, "staging"),
  });
}

async function ours(): Promise<unknown> {
  const store = await open();
  let factsMs = 0;
  const report = await readTrail(
    store,
    await openSource(trail),
    async (connection, touched) => {
      const from = performance.now();
      await refreshFacts(connection, touched);
      factsMs += performance.now() - from;
    },
    { now: () => new Date(), worker },
  );
  const [events] = await store.writer.rows("select count(*) as events from events");
  store.close();
  return { files: report.read, events: events?.["events"], factsMs: Math.round(factsMs) };
}

/** What DuckDB does alone with the same files: its own gunzip and JSON reader, every known column, to Parquet. */
async function baseline(): Promise<unknown> {
  mkdirSync(out, { recursive: true });
  const duckdb = await openDuckdb({ keepsOrder: false, temporary: path.join(out, "spill") });
  const connection = await duckdb.connect();
  await connection.run(`copy (
      select r.* from (select unnest(Records) as r from read_json('${trail}/**/*.json.gz', columns = {Records: 'STRUCT(${record})[]'}))
    ) to '${path.join(out, "events.parquet")}' (format parquet, compression zstd)`);
  return { files: null };
}

const text = (names: string): string =>
  names
    .split(" ")
    .map((name) => `${name} VARCHAR`)
    .join(", ");
const issuer = `STRUCT(${text("type principalId arn accountId userName")})`;
const context = `STRUCT(attributes STRUCT(${text("creationDate mfaAuthenticated")}), sessionIssuer ${issuer}, sourceIdentity VARCHAR)`;
const identity = `STRUCT(${text("type principalId arn accountId accessKeyId userName invokedBy identityProvider")}, sessionContext ${context})`;
const record = `${text(
  "eventVersion eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage requestID eventID " +
    "eventType recipientAccountId sharedEventID vpcEndpointId eventCategory",
)}, readOnly BOOLEAN, managementEvent BOOLEAN, userIdentity ${identity}, requestParameters JSON, responseElements JSON,
  additionalEventData JSON, resources JSON, serviceEventDetails JSON, tlsDetails STRUCT(${text("tlsVersion cipherSuite clientProvidedHostHeader")})`;

/** Each question as a page asks it, twenty times, none from the cache. */
async function latencies(): Promise<unknown> {
  const store = await open();
  let watermark = 0;
  const desk = new Desk(
    new DuckdbEngine({ engine: store.engine, watermark: () => watermark, bytes: () => store.bytes() }),
  );
  const [session] = await store.writer.rows("select session_id, role from sessions order by calls desc limit 1");
  const known: Readonly<Record<string, string>> = {
    session: String(session?.["session_id"]),
    role: String(session?.["role"]),
  };
  const rows: Record<string, unknown> = {};
  for (const [question, { params }] of Object.entries(questions)) {
    const needs = ["session", "role-history"].some((name) => question.startsWith(name)) && question !== "sessions";
    const given = Object.fromEntries(
      params.flatMap(({ name }) => (needs && name in known ? [[name, known[name] ?? ""]] : [])),
    );
    rows[question] = await timed(async () => {
      watermark += 1;
      await desk.ask(seesAll, { question, params: given, whole: false });
    });
  }
  store.close();
  return rows;
}

async function timed(ask: () => Promise<void>): Promise<unknown> {
  const times: number[] = [];
  for (let run = 0; run < 20; run += 1) {
    const from = performance.now();
    try {
      await ask();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  return { p50: Math.round(times[9] ?? 0), p95: Math.round(times[18] ?? 0) };
}

// Last, for what runs reads the shapes above.
const runs: Readonly<Record<string, () => Promise<unknown>>> = { ours, baseline, questions: latencies };
const answer = await runs[what]?.();
process.stdout.write(`${JSON.stringify(answer)}\n`);
process.exit(0);
