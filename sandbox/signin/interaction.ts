import type Provider from "oidc-provider";
import type { KoaContextWithOIDC } from "oidc-provider";
import { choosePage } from "./pages.ts";
import type { Account } from "./people.ts";

/** The sign-in page and its answer. False when the request is the provider's own. */
export async function signIn(
  provider: Provider,
  context: KoaContextWithOIDC,
  accounts: readonly Account[],
  company: string,
): Promise<boolean> {
  if (!/^\/interaction\/[\w-]{1,64}$/.test(context.path)) return false;
  context.set("cache-control", "no-store");
  const { uid } = await provider.interactionDetails(context.req, context.res);
  if (context.method === "GET") {
    choosePage(context, { accounts, uid, company });
    return true;
  }
  const form = new URLSearchParams(await bodyOf(context.req));
  const account = accounts.find(({ sub }) => sub === form.get("sub"));
  const answer =
    account === undefined
      ? { error: "access_denied", error_description: "The person chose not to sign in." }
      : { login: { accountId: account.sub, remember: true } };
  context.redirect(
    await provider.interactionResult(context.req, context.res, answer, { mergeWithLastSubmission: false }),
  );
  context.status = 303;
  return true;
}

const bodyMax = 4_096;

async function bodyOf(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > bodyMax) return "";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
