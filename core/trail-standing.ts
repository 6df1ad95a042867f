import { z } from "zod";
import type { Store } from "./store/index.ts";

const partition = "trail";
const sort = "standing";
const Standing = z.object({ complete_up_to: z.string().nullable() });

/**
 * How far the trail is complete, as the function that writes the facts last knew it: every page says so, and must not wait
 * for a query for it.
 */
export async function completeUpToIn(store: Store): Promise<string | null> {
  const row = await store.get(partition, sort);
  return row === null ? null : Standing.parse(row.value).complete_up_to;
}

/** Written by who writes the facts, and by nobody else. */
export async function keepCompleteUpTo(store: Store, complete_up_to: string | null): Promise<void> {
  await store.put({ partition, sort, value: { complete_up_to } }, { any: true });
}
