import { appOrigin } from "../../auth/names.ts";
import { discovered, signinTerms } from "../../auth/provider.ts";
import { signinPath } from "../../auth/way.ts";

/**
 * After signing out here: on to the provider's own sign-out, which asks once. With client_id and not with the id_token,
 * which would stand in the address bar and the history while AWS still takes it.
 */
export async function GET(): Promise<Response> {
  const location = await providerEnd().catch(() => null);
  const headers = {
    location: location ?? `${appOrigin()}${signinPath("signed-out", "/")}`,
    "cache-control": "no-store",
  };
  return new Response(null, { status: 303, headers });
}

async function providerEnd(): Promise<string | null> {
  const terms = await signinTerms();
  const { end_session_endpoint } = await discovered(terms);
  if (end_session_endpoint === undefined) return null;
  const url = new URL(end_session_endpoint);
  url.searchParams.set("client_id", terms.client_id);
  url.searchParams.set("post_logout_redirect_uri", `${appOrigin()}/signin`);
  return url.href;
}
