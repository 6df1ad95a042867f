import "server-only";
import type { Tick } from "../drawings/life.tsx";
import { ifAllowed, question } from "../reading.ts";

/** Ticks of many sessions in one question: stretches of a life with their calls. */
export async function livesOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly Tick[]>> {
  if (ids.length === 0) return new Map();
  const answer = await ifAllowed(question("session-lives", { sessions: ids.slice(0, 200).join(",") }));
  return new Map(answer?.rows.map((row) => [row.session_id, ticksOf(row.starts_at, row.ticks)]));
}

function ticksOf(startsAt: string, ticks: readonly unknown[]): Tick[] {
  const start = Date.parse(startsAt);
  return ticks.flatMap((tick) => {
    if (!Array.isArray(tick)) return [];
    const [seconds, calls, denied] = tick.map(Number);
    if (seconds === undefined || !Number.isFinite(seconds)) return [];
    const at = new Date(start + seconds * 1000).toISOString();
    return [{ at, denied: (denied ?? 0) > 0, calls: calls ?? 1 }];
  });
}
