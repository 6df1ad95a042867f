import type { CallAfter, LiveSession, Trail } from "#/core/trail.ts";
import { questions } from "./catalogue.ts";
import type { Connection, Duckdb, Params, Row } from "./engines/duckdb.ts";
import { placeholders } from "./placeholders.ts";

/** What core asks of the trail, answered by the engine, without a viewer: core decides who may know. */
export function openTrail(engine: Duckdb): Trail {
  const rows = (sql: string, params: Params): Promise<Row[]> =>
    withConnection(engine, (connection) => connection.rows(sql, params));
  return {
    liveSessionsOf: async (role, at) => (await rows(liveSessions, { role, at: plain(at) })).map(liveSession),
    callsAfter: async (sessionIds, since) => {
      if (sessionIds.length === 0) return [];
      const found = await Promise.all(
        sessionIds.map((session) => rows(callsOf, { session, since: plain(since), until: null })),
      );
      return found
        .flat()
        .filter((row) => row["joined_by"] !== "ambiguous")
        .map(callAfter)
        .sort((a, b) => (a.happened_at < b.happened_at ? -1 : a.happened_at > b.happened_at ? 1 : 0));
    },
    completeUpTo: async () => {
      const [row] = await rows("select max(last_event_at) as newest from coverage", {});
      return textOrNull(row?.["newest"]);
    },
  };
}

/** A session without a known end (no issuing record) is live while it called within the longest life, 36 hours. */
const liveSessions = `
  select session_id, access_key_id, origin, caller, session_name, source_identity, mint_id, issued_at, expires_at,
    last_call_at, calls, parent_session_id
  from sessions
  where role = $role
    and coalesce(issued_at, first_call_at) <= cast($at as timestamp(6))
    and case
      when expires_at is not null then expires_at > cast($at as timestamp(6))
      else date_diff('hour', coalesce(issued_at, first_call_at), cast($at as timestamp(6))) < 36
    end
  order by coalesce(issued_at, first_call_at) desc, session_id`;

const callsOf = placeholders(questions["session-calls"].sql, (name) => `$${name}`).text;

async function withConnection<T>(engine: Duckdb, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await engine.connect();
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

/** The engine's timestamps have no zone; all are UTC. */
const plain = (iso: string): string => iso.replace("T", " ").replace("Z", "");

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

const origins = ["broker", "outside", "service", "console", "no-record"] as const;
const outcomes = ["ok", "denied", "failed"] as const;

const liveSession = (row: Row): LiveSession => ({
  session_id: text(row["session_id"]),
  access_key_id: textOrNull(row["access_key_id"]),
  origin: origins.find((origin) => origin === row["origin"]) ?? "no-record",
  caller: text(row["caller"]),
  session_name: textOrNull(row["session_name"]),
  source_identity: textOrNull(row["source_identity"]),
  mint_id: textOrNull(row["mint_id"]),
  issued_at: textOrNull(row["issued_at"]),
  expires_at: textOrNull(row["expires_at"]),
  last_call_at: textOrNull(row["last_call_at"]),
  calls: Number(row["calls"]),
  parent_session_id: textOrNull(row["parent_session_id"]),
});

const callAfter = (row: Row): CallAfter => ({
  session_id: text(row["session_id"]),
  event_id: text(row["event_id"]),
  happened_at: text(row["happened_at"]),
  source: text(row["source"]),
  name: text(row["name"]),
  outcome: outcomes.find((outcome) => outcome === row["outcome"]) ?? "failed",
  error_code: textOrNull(row["error_code"]),
  error_message: textOrNull(row["error_message"]),
  direct: row["invoked_by"] === null,
});
