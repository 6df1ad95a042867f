import type { Connection } from "../engines/duckdb.ts";
import type { DayTable } from "./tables.ts";
import { texts } from "./texts.ts";

/** Days a statement reads at once: enough rows to be worth it, few enough for a bounded memory. */
const rowsAtOnce = 400_000;

async function chunks(connection: Connection, days: readonly string[]): Promise<string[][]> {
  if (days.length === 0) return [];
  const counted = await connection.rows(
    `select cast(day as varchar) as day, sum(rows) as rows from parts where day in (${dates(days)}) group by day`,
  );
  const sizes = new Map(counted.map((row) => [String(row["day"]), Number(row["rows"])]));
  const found: string[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const day of [...days].sort()) {
    const last = found.at(-1);
    rows += sizes.get(day) ?? 0;
    if (last === undefined || rows > rowsAtOnce) {
      found.push([day]);
      rows = sizes.get(day) ?? 0;
    } else last.push(day);
  }
  return found;
}

export const dates = (days: readonly string[]): string => days.map((day) => `date '${day}'`).join(", ");

/** Rows of these days anew. The view's days are literals, so that the other days' parts are not even opened. */
export async function readDays(connection: Connection, table: DayTable, days: readonly string[]): Promise<void> {
  const of = table === "covered" ? "cast(hour as date)" : "day";
  for (const some of await chunks(connection, days)) {
    await connection.run(
      `create or replace temp view day_events as select * from events where day in (${dates(some)})`,
    );
    await connection.run(`delete from ${table} where ${of} in (${dates(some)})`);
    await connection.run(`insert into ${table} ${texts[table]}`);
  }
}
