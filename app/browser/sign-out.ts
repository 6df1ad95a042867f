import { forgetKey } from "./key.ts";

/** Ends the session here, forgets the browser's key, then goes to the company's own sign-out, or to our sign-in page. */
export async function signOut(everywhere: boolean): Promise<void> {
  const { csrfToken } = await (await fetch("/api/auth/csrf", { cache: "no-store" })).json();
  const answer = await fetch("/api/auth/signout", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrfToken, json: "true" }),
  });
  // The session lives on: the page says so, and signing out can be tried again.
  if (!answer.ok) return location.assign("/signin?why=functions.down");
  const { world } = document.documentElement.dataset;
  if (world !== undefined) await forgetKey(world).catch(() => undefined);
  // `replace`: Back must not lead to a page of the session that ended.
  location.replace(everywhere ? "/session/end" : "/signin?why=signed-out");
}
