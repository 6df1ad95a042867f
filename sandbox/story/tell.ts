import type { Places } from "#/core/config.ts";
import { organisation } from "./organisation.ts";
import { furnish } from "./world.ts";

/** Makes the world: the organisation and its files, then 30 days of trail up to the last UTC midnight before `now`. */
export async function tell(places: Places, _now: Date, say: (line: string) => void): Promise<void> {
  const state = organisation();
  furnish(places, state);
  say(`${state.accounts.length} accounts, ${state.accounts.flatMap((each) => each.roles).length} roles`);
}
