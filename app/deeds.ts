import type { z } from "zod";
import { isRefusalCode, refusals } from "#/core/refusal.ts";
import { Minted, type MintRequest, Revocation, type RevokeRequest } from "#/core/wire.ts";
import { type Problem, postDeed } from "./browser/deed.ts";
import type { SaidOf } from "./parts/problem.tsx";

/** What a deed came to: what was made, or the refusal in its words. Runs in the browser. */
export type Came<Made> =
  | { readonly made: Made; readonly said: null }
  | { readonly made: null; readonly said: SaidOf & { readonly code: string } };

export const mintDeed = (request: MintRequest, form: HTMLFormElement): Promise<Came<Minted>> =>
  deed("mint", "/api/v1/credentials", request, Minted, form);

export const revokeDeed = (request: RevokeRequest, form: HTMLFormElement): Promise<Came<Revocation>> =>
  deed("revoke", "/api/v1/revocations", request, Revocation, form);

async function deed<Made>(
  name: "mint" | "revoke",
  path: string,
  request: object,
  shape: z.ZodType<Made>,
  form: HTMLFormElement,
): Promise<Came<Made>> {
  const outcome = await postDeed(path, name, request, { form });
  if (!outcome.ok) return { made: null, said: saidOf(outcome.problem) };
  const made = shape.safeParse(outcome.body);
  return made.success ? { made: made.data, said: null } : { made: null, said: broken };
}

function saidOf({ title, code, detail, help, until }: Problem): SaidOf & { code: string } {
  return { title: isRefusalCode(code) ? refusals[code].title : title, code, detail, help, until };
}

const broken = { title: "Fault", code: "fault", detail: "Something broke on our side; nothing is shown of it here." };
