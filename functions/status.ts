import type { Handler } from "./world.ts";

/** Which world this is. Anyone may ask. */
export const status: Handler<"status"> = async (world) => ({
  world: world.settings.ROLETRAIL_WORLD,
  simulated: world.settings.ROLETRAIL_WORLD === "sandbox",
});
