import { z } from "zod";
import { isRefusalCode, refusals } from "#/core/refusal.ts";
import { Minted, type MintRequest, Revocation, type RevokeRequest } from "#/core/wire.ts";
import type { SaidOf } from "./parts/problem.tsx";

/** What a deed came to: what was made, or the refusal in its words. Runs in the browser. */
export type Came<Made> =
  | { readonly made: Made; readonly said: null }
  | { readonly made: null; readonly said: SaidOf & { readonly code: string } };

export const mintDeed = (request: MintRequest): Promise<Came<Minted>> =>
  deed("mint", "/api/v1/credentials", request, Minted);

export const revokeDeed = (request: RevokeRequest): Promise<Came<Revocation>> =>
  deed("revoke", "/api/v1/revocations", request, Revocation);

const Told = z.object({
  title: z.string(),
  code: z.string(),
  detail: z.string(),
  help: z.string().optional(),
  until: z.string().optional(),
});

async function deed<Made>(
  name: "mint" | "revoke",
  path: string,
  request: object,
  shape: z.ZodType<Made>,
): Promise<Came<Made>> {
  let response: Response;
  try {
    response = await sent(name, path, request);
  } catch {
    return { made: null, said: unreachable };
  }
  const body: unknown = await response.json().catch(() => null);
  const made = response.ok ? shape.safeParse(body) : null;
  if (made?.success === true) return { made: made.data, said: null };
  const told = Told.safeParse(body);
  return { made: null, said: told.success ? saidOf(told.data) : { ...broken, detail: broken.detail } };
}

async function sent(_name: string, path: string, request: object): Promise<Response> {
  return await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    cache: "no-store",
  });
}

function saidOf({ title, code, detail, help, until }: z.infer<typeof Told>): SaidOf & { code: string } {
  return { title: isRefusalCode(code) ? refusals[code].title : title, code, detail, help, until };
}

const unreachable = {
  title: "Roletrail does not answer",
  code: "functions.down",
  detail: "The request did not arrive, or its answer did not come back.",
  help: "Look at your sessions before asking again: what was made would be there.",
};

const broken = { title: "Fault", code: "fault", detail: "Something broke on our side; nothing is shown of it here." };
