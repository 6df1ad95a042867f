import type { ErrorOut, KoaContextWithOIDC } from "oidc-provider";
import type { Account } from "./people.ts";

/** The sign-in page: everyone is a button. It asks no password, and says that nothing here is real. */
export function choosePage(
  context: KoaContextWithOIDC,
  { accounts, uid, company }: { accounts: readonly Account[]; uid: string; company: string },
): void {
  const list = (some: readonly Account[]): string => `<ul>${some.map(button).join("")}</ul>`;
  const [first, rest] = [accounts.slice(0, 3), accounts.slice(3).filter(({ odd }) => odd === undefined)];
  const odd = accounts.slice(3).filter((account) => account.odd !== undefined);
  page(
    context,
    company,
    `Sign in to ${company}`,
    `<p>Roletrail asks who you are. Choose a person; there is no password.</p>
<form method="post" action="/interaction/${encodeURIComponent(uid)}">
${list(first)}
<details open><summary>${rest.length} more people</summary>${list(rest)}</details>
<details><summary>${odd.length} odd sign-ins, to see what Roletrail says of them</summary>${list(odd)}</details>
<p><button class="quiet" name="sub" value="">Do not sign in</button></p>
</form>`,
  );
}

const button = ({ sub, name, title, groups }: Account): string =>
  `<li><button name="sub" value="${text(sub)}"><b>${text(name)}</b> <span>${text(title)}</span>${
    groups.length === 0 ? "" : ` <small>${text(groups.join(" · "))}</small>`
  }</button></li>`;

/** `form` is the provider's own, with id `op.logoutForm` and its protection against other sites inside. */
export function logoutPage(context: KoaContextWithOIDC, form: string, company: string): void {
  page(
    context,
    company,
    `Sign out of ${company}?`,
    `<p>You are signed out of Roletrail. This also ends the sign-in of the company.</p>${form}
<p><button form="op.logoutForm" name="logout" value="yes" class="main">Sign out</button>
<button form="op.logoutForm" class="quiet">Stay signed in</button></p>`,
  );
}

export function signedOutPage(context: KoaContextWithOIDC, company: string): void {
  page(context, company, "Signed out", `<p>You are signed out of ${text(company)}.</p>`);
}

export function errorPage(context: KoaContextWithOIDC, out: ErrorOut, company: string): void {
  const said = out.error_description ?? out.error;
  page(
    context,
    company,
    "This sign-in cannot go on",
    `<p>${text(said)}.</p><p>Go back to Roletrail and sign in again.</p>`,
  );
}

function page(context: KoaContextWithOIDC, company: string, title: string, body: string): void {
  context.type = "html";
  context.body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(title)}</title><style nonce="${context.state["nonce"]}">${style}</style></head>
<body><header>SIMULATED: ${text(company)} is not a real company, and this is not a real sign-in.</header>
<main><h1>${text(title)}</h1>${body}</main></body></html>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const text = (given: string): string => given.replaceAll(/[&<>"']/g, (found) => entities[found] ?? "");

const style = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5b636d; --paper: #f6f7f9; --card: #fff; --line: #c9ced6; --main: #1a56c4; --note: #fff3d1; --note-ink: #5a3f00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a3abb6; --paper: #14171b; --card: #1d2127; --line: #3c434d; --main: #8ab4f8; --note: #3a2f12; --note-ink: #ffdf94 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
header { padding: .5rem 1rem; background: var(--note); color: var(--note-ink); text-align: center; font-size: .875rem }
main { max-width: 34rem; margin: 0 auto; padding: 2rem 1rem 4rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem }
ul { list-style: none; margin: 1rem 0; padding: 0; display: grid; gap: .5rem }
button { font: inherit; color: inherit; cursor: pointer; min-height: 44px }
li button { width: 100%; text-align: left; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .625rem .875rem }
li button:hover { border-color: var(--main) }
li span { color: var(--soft) } li small { display: block; color: var(--soft) }
summary { cursor: pointer; padding: .625rem 0; min-height: 44px }
.quiet { background: none; border: 1px solid var(--line); border-radius: 8px; padding: .5rem 1rem }
.main { background: var(--main); color: var(--card); border: 0; border-radius: 8px; padding: .5rem 1rem }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px }`;
