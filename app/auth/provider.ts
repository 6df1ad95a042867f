import "server-only";
import { z } from "zod";
import { Refusal } from "#/core/refusal.ts";
import type { Status } from "#/core/wire-signin.ts";
import { ask } from "../invoke.ts";

export type SigninTerms = NonNullable<Status["signin"]>;

/** @throws Refusal `signin.required` in a world that only its link opens. */
export async function signinTerms(): Promise<SigninTerms> {
  const { signin } = await ask("status", {});
  if (signin !== null) return signin;
  throw new Refusal("signin.required", "No company sign-in is connected here; the one-time link opens this trail.", {
    help: "Press Enter in the terminal where Roletrail runs: it prints another link.",
  });
}

const Discovered = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  end_session_endpoint: z.url().optional(),
  id_token_signing_alg_values_supported: z.array(z.string()).default(["RS256"]),
});
export type Discovered = z.infer<typeof Discovered>;

const keptSeconds = 600;
const kept = new Map<string, { at: number; found: Discovered }>();

/** The provider's discovery document, kept for ten minutes. @throws Refusal `signin.provider`. */
export async function discovered({ discovery, issuer }: SigninTerms): Promise<Discovered> {
  const known = kept.get(discovery);
  if (known !== undefined && Date.now() - known.at < keptSeconds * 1000) return known.found;
  const found = Discovered.safeParse(await json(discovery));
  if (!found.success || found.data.issuer !== issuer) throw down();
  kept.set(discovery, { at: Date.now(), found: found.data });
  return found.data;
}

async function json(address: string): Promise<unknown> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(5_000), redirect: "error", cache: "no-store" });
    return answer.ok ? await answer.json() : null;
  } catch {
    throw down();
  }
}

const down = (): Refusal =>
  new Refusal("signin.provider", "The company's sign-in does not answer.", { help: "Try again in a minute." });
