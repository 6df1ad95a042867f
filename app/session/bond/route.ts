import type { NextRequest } from "next/server";
import { Refusal } from "#/core/refusal.ts";
import { answering, credentialsOf } from "../../api/guard.ts";
import { settings } from "../../auth/names.ts";
import { ask } from "../../invoke.ts";

/**
 * What the page's next proof must carry. Asked before each deed, for another tab may have renewed meanwhile. Nothing of
 * it is secret: both are in every proof's header.
 */
export const GET = answering(async (request: NextRequest) => {
  const { session } = await ask("vault", { action: "alive" }, await credentialsOf(request));
  if (session?.bond == null)
    throw new Refusal("signin.required", "This needs a company sign-in.", { help: "Sign in first." });
  const stale = session.renew_at !== null && Date.parse(session.renew_at) < Date.now();
  return { world: settings().ROLETRAIL_WORLD, stale, ...session.bond };
});
