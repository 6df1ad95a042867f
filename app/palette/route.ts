import { Refusal } from "#/core/refusal.ts";
import { questions, type Rows } from "#/queries/catalogue.ts";
import { shown } from "../parts/shown.ts";
import { questionNamed } from "../question-of.ts";
import { ifAllowed, mayAsk, mayAskSql, maySeeTrail, me, names, question, read } from "../reading.ts";
import { hrefOf } from "../search-params.ts";
import { counted, moment, roleHref, sessionHref } from "../words.ts";

interface Item {
  readonly group: string;
  readonly words: string;
  readonly more: string;
  readonly href: string;
}

/** What the palette offers: roles, deeds, questions, people; with `q`, what the trail knows by that text. */
export async function GET(request: Request): Promise<Response> {
  const text = (new URL(request.url).searchParams.get("q") ?? "").trim().slice(0, 200);
  try {
    const items = text.length < 3 ? await standing() : await foundItems(text);
    return Response.json({ items }, { headers: { "cache-control": "no-store" } });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return Response.json({ items: [] }, { status: error.status, headers: { "cache-control": "no-store" } });
  }
}

async function standing(): Promise<Item[]> {
  const [{ roles }, own] = await Promise.all([read("roles", {}), me()]);
  const mayRevoke = own.powers.some(({ power }) => power === "revoke");
  return [
    ...roles.map((role) => ({
      group: "Roles",
      words: role.name,
      more: `${role.account_name} ${role.account}`,
      href: `/roles/${role.account}/${encodeURIComponent(role.name)}`,
    })),
    ...pages.filter(({ href }) => maySeeTrail(own) || !href.startsWith("/trail")),
    ...(mayAskSql(own) ? [sqlPage] : []),
    ...(mayRevoke ? roles.map(revokeItem) : []),
    ...Object.entries(questions)
      .filter(([name, { menu }]) => menu === "trail" && mayAsk(own, questionNamed(name)))
      .map(([name, { title, asks }]) => ({ group: "Questions", words: title, more: asks, href: `/trail/${name}` })),
  ];
}

const revokeItem = (role: { account: string; account_name: string; name: string }): Item => ({
  group: "Deeds",
  words: `Revoke older sessions of ${role.name}`,
  more: role.account_name,
  href: `/roles/${role.account}/${encodeURIComponent(role.name)}/revoke`,
});

const sqlPage: Item = { group: "Pages", words: "SQL", more: "one SELECT over the facts", href: "/trail/sql" };
const pages: readonly Item[] = [
  { group: "Pages", words: "My roles", more: "", href: "/" },
  { group: "Pages", words: "Sessions", more: "", href: "/sessions" },
  { group: "Pages", words: "Overview", more: "", href: "/trail" },
  { group: "Pages", words: "Health", more: "files, delay, what could not be read", href: "/trail/health" },
  { group: "Pages", words: "Revocations", more: "", href: "/revocations" },
];

async function foundItems(text: string): Promise<Item[]> {
  const answer = await ifAllowed(question("find", { text }));
  const rows = answer?.rows ?? [];
  const [named, { accounts }] = await Promise.all([names(rows.map(({ id }) => id)), me()]);
  return rows.map((row) => ({
    group: groupWords[row.kind] ?? "In the trail",
    words: shown(row.label, named),
    more: row.kind === "session" ? sessionMore(row, accounts) : foundMore(row, accounts),
    href: hrefFor(row.kind, row.id),
  }));
}

type Accounts = readonly { readonly id: string; readonly name: string }[];

const whereOf = ({ account }: Rows["find"], accounts: Accounts): string | null =>
  accounts.find(({ id }) => id === account)?.name ?? account;

/** "20 Nov 14:32, prod-data". */
function sessionMore(row: Rows["find"], accounts: Accounts): string {
  const last = row.last_at === null ? null : moment(row.last_at, new Date());
  return [last, whereOf(row, accounts)].filter(Boolean).join(", ");
}

/** "222 sessions, prod-web": roles of one name are told apart. */
const foundMore = (row: Rows["find"], accounts: Accounts): string =>
  [counted(row.sessions, "session"), whereOf(row, accounts)].filter(Boolean).join(", ");

const groupWords: Readonly<Record<string, string>> = {
  role: "Roles in the trail",
  person: "People in the trail",
  caller: "Callers in the trail",
  session: "Sessions in the trail",
};

function hrefFor(kind: string, id: string): string {
  if (kind === "session") return sessionHref(id);
  if (kind === "caller" || kind === "person") return hrefOf("/sessions", { who: id, services: "1" });
  return roleHref(id) ?? hrefOf("/sessions", { role: id });
}
