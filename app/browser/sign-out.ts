import { forgetKey } from "./key.ts";

/** Ends the session here, forgets the browser's key, then goes to the company's own sign-out, or to our sign-in page. */
export async function signOut(everywhere: boolean): Promise<void> {
  const { csrfToken } = await (await fetch("/api/auth/csrf", { cache: "no-store" })).json();
  await fetch("/api/auth/signout", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrfToken, json: "true" }),
  });
  const { world } = document.documentElement.dataset;
  if (world !== undefined) await forgetKey(world).catch(() => undefined);
  // `replace`: Back must not lead to a page of the session that ended.
  location.replace(everywhere ? "/session/end" : "/signin?why=signed-out");
}
