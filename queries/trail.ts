import type { CallAfter, LiveSession, OutsideTrail, OutsideWay, Trail } from "#/core/trail.ts";
import { questions } from "./catalogue.ts";
import type { Params, Row } from "./engines/duckdb.ts";
import type { Engine } from "./engines/engine.ts";
import { seesAll } from "./viewer.ts";

/** What core asks of the trail, answered by either engine, without a viewer: core decides who may know. */
export function openTrail(engine: Engine): Trail {
  const rows = async (sql: string, params: Params): Promise<Row[]> =>
    (await engine.run({ sql, params, rowsMax: null, seconds: secondsMax, viewer: seesAll })).rows;
  let complete: { readonly at: string; readonly upTo: Promise<string | null> } | null = null;
  const newest = async (): Promise<string | null> => {
    const [row] = await rows(trailStatements.completeUpTo, {});
    return textOrNull(row?.["newest"]);
  };
  return {
    liveSessionsOf: async (role, at) =>
      (await rows(trailStatements.liveSessions, { role, at: plain(at) })).map(liveSession),
    callsAfter: async (sessionIds, since) => {
      const found = await Promise.all(
        chunked(sessionIds).map((some) =>
          rows(trailStatements.callsAfter, { session: some.join(","), since: plain(since), until: null }),
        ),
      );
      return found
        .flat()
        .filter((row) => row["joined_by"] !== "ambiguous")
        .map(callAfter)
        .sort((a, b) => (a.happened_at < b.happened_at ? -1 : a.happened_at > b.happened_at ? 1 : 0));
    },
    // Every page says it: asked once for each state of the trail.
    completeUpTo: async () => {
      const at = await engine.watermark();
      if (complete?.at === at) return complete.upTo;
      const asked = { at, upTo: newest() };
      complete = asked;
      asked.upTo.catch(() => {
        if (complete === asked) complete = null;
      });
      return asked.upTo;
    },
  };
}

/** What is told to people, asked as openTrail asks. */
export const openOutside = (engine: Engine): OutsideTrail => ({
  outsideSince: async (since) => {
    const { outside: sql } = trailStatements;
    const params = { since: plain(since) };
    const { rows } = await engine.run({ sql, params, rowsMax: null, seconds: secondsMax, viewer: seesAll });
    return rows.map(outsideWay);
  },
});

const secondsMax = 25;

/** One query has a price and takes its second, so many sessions are asked at once; Athena's values are of 1,024 characters. */
const sessionsAtOnce = 40;
const chunked = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / sessionsAtOnce) }, (_, at) =>
    ids.slice(at * sessionsAtOnce, (at + 1) * sessionsAtOnce),
  );

/** In Trino's dialect, as the questions are. */
export const trailStatements = {
  /** A session without a known end (no issuing record) is live while it called within the longest life, 36 hours. */
  liveSessions: `
  select session_id, access_key_id, origin, caller, session_name, source_identity, mint_id, issued_at, expires_at,
    last_call_at, calls, parent_session_id
  from sessions
  where role = cast(:role as varchar)
    and opened_at <= cast(:at as timestamp(6))
    and case
      when expires_at is not null then expires_at > cast(:at as timestamp(6))
      else date_diff('hour', opened_at, cast(:at as timestamp(6))) < 36
    end
  order by opened_at desc, session_id`,
  /** The page's own question, of many sessions at once. */
  callsAfter: ofMany(questions["session-calls"].sql),
  outside: `
  select caller, role, made_by, count(*) as sessions, min(coalesce(issued_at, first_call_at)) as first_at
  from sessions
  where origin in ('outside', 'no-record') and way <> 'service'
    and coalesce(issued_at, first_call_at) >= cast(:since as timestamp(6))
  group by caller, role, made_by
  order by first_at, caller, role`,
  completeUpTo: "select max(last_event_at) as newest from covered",
} as const;

/** @throws Error when the question no longer names its session as it did. */
function ofMany(sql: string): string {
  const one = "= cast(:session as varchar)";
  if (sql.split(one).length !== 4) throw new Error("session-calls names its session in another way");
  return sql.replaceAll(one, "in (select id from unnest(split(cast(:session as varchar), ',')) as t (id))");
}

/** The engines' timestamps have no zone; all are UTC. */
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

const outsideWay = (row: Row): OutsideWay => ({
  caller: text(row["caller"]),
  role: textOrNull(row["role"]),
  made_by: text(row["made_by"]),
  sessions: Number(row["sessions"]),
  first_at: text(row["first_at"]),
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
