import { type NextRequest, NextResponse } from "next/server";
import { z } from "zod";
import { Refusal } from "#/core/refusal.ts";
import { answering, expectOwnOrigin, jsonBody } from "../../api/guard.ts";
import { authorizationUrl, keepFlow, newFlow } from "../../auth/flow.ts";
import { appOrigin } from "../../auth/names.ts";
import { signinTerms } from "../../auth/provider.ts";
import { ownPath } from "../../auth/way.ts";

const Start = z.strictObject({ jkt: z.string().regex(/^[\w-]{43}$/), to: z.string().max(2_000) });

/** A click on "Sign in": the browser's key thumbprint in, the provider's address out. */
export const POST = answering(async (request: NextRequest) => {
  expectOwnOrigin(request);
  const asked = Start.safeParse(await jsonBody(request));
  if (!asked.success) throw new Refusal("request.invalid", "A sign-in starts with the browser's key and a path.");
  const flow = newFlow(asked.data.jkt, ownPath(asked.data.to, appOrigin()), null);
  const url = await authorizationUrl(await signinTerms(), flow);
  const response = NextResponse.json({ url }, { headers: { "cache-control": "no-store" } });
  await keepFlow(response, flow);
  return response;
});
