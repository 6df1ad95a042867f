import type { Question } from "./catalogue.ts";
import type { Connection } from "./engines/duckdb.ts";
import { derived } from "./facts/derived.ts";

/**
 * Who looks, as far as the engine need know. Null accounts: all of them, those too that no record names. A person id
 * adds what that person's own mints led to.
 */
export interface Viewer {
  readonly accounts: readonly string[] | null;
  readonly person: string | null;
}

export const seesAll: Viewer = { accounts: null, person: null };

/** Whether a question may be asked with these limits: a wider view answers a narrower question, never the reverse. */
export function mayAsk(viewer: Viewer, question: Pick<Question, "power">): boolean {
  if (viewer.accounts === null) return true;
  if (question.power === "see-all") return false;
  return viewer.accounts.length > 0 || (question.power === "see-own" && viewer.person !== null);
}

/** Part of every cache key: equal texts see equal rows. */
export const limitsOf = (viewer: Viewer): string =>
  viewer.accounts === null ? "all" : JSON.stringify([[...viewer.accounts].sort(), viewer.person]);

/**
 * Temporary views under the facts' own names, on this connection alone, show what this viewer may see; a question is
 * never changed for it. A table without a rule here shows nothing.
 */
export async function limitTo(connection: Connection, viewer: Viewer): Promise<void> {
  if (viewer.accounts === null) return;
  const tables = await connection.rows(
    `select current_database() as base, table_name as name, list(column_name) as columns
     from information_schema.columns where table_schema = 'main' and table_catalog = current_database() group by 2`,
  );
  const stored = new Set(tables.map(({ name }) => String(name)));
  // What the view of the events leaves out by: narrowed, every hidden duplicate would be seen again.
  const narrowed = tables.filter(({ name }) => name !== "hidden");
  const views = narrowed.map(({ base, name, columns }) => {
    const has = new Set(Array.isArray(columns) ? columns.map(String) : []);
    // The schema of temporary views is called main, too: without the database's name a view would be of itself.
    const rule = ruleOf(viewer, String(name), has).replaceAll("main.", `"${base}".main.`);
    const text = Object.entries(derived).find(([fact]) => fact === name)?.[1].text;
    const whole = text === undefined ? `"${base}".main."${name}"` : `(${ofWhole(text, stored, String(base))})`;
    return `create or replace temp view "${name}" as select * from ${whole} as whole where ${rule};`;
  });
  await connection.run(views.join("\n"));
}

/** A fact that is read out of others counts over all of those: in its own view it would read the narrowed ones. */
function ofWhole(text: string, stored: ReadonlySet<string>, base: string): string {
  const own = new Set([...text.matchAll(/(\w+) as \(/g)].map(([, name]) => name));
  return text.replaceAll(/\b(from|join)\s+(\w+)\b/gi, (as, word: string, name: string) =>
    stored.has(name) && !own.has(name) ? `${word} "${base}".main."${name}"` : as,
  );
}

type Rule = (accounts: string, person: string) => string;
const nobody = "''";

// biome-ignore format: the columns are the point
const rules: Readonly<Record<string, Rule>> = {
  events:     (accounts, person) => `recipient_account in (${accounts}) or source_identity = ${person}`,
  issuances:  (accounts, person) => `role_account in (${accounts}) or (role_account is null and caller_account in (${accounts})) or source_identity = ${person}`,
  sessions:   (accounts, person) => `account in (${accounts}) or person_id = ${person}`,
  activity:   (accounts, person) => `account in (${accounts}) or session_id in (select session_id from main.sessions where person_id = ${person})`,
  mints:      (accounts, person) => `account in (${accounts}) or person_id = ${person}`,
  minted:     (accounts, person) => `account in (${accounts}) or person_id = ${person}`,
  coverage:   (accounts) => `account in (${accounts})`,
  covered:    (accounts) => `account in (${accounts})`,
  edits:      (accounts, person) => `recipient_account in (${accounts}) or source_identity = ${person}`,
  // A file's key names the account it was delivered for; a key that names none is for those who see all.
  files:      (accounts) => `regexp_extract(file, '(?:^|/)([0-9]{12})/CloudTrail/', 1) in (${accounts})`,
  duplicates: (accounts) => `recipient_account in (${accounts})`,
};

/** What of a table this viewer may see; other tables are named `main.…` in it. */
export function ruleOf(viewer: Viewer, table: string, columns: ReadonlySet<string>): string {
  const rule = rules[table] ?? generalRule(columns);
  const accounts = (viewer.accounts ?? []).filter((account) => /^\d{12}$/.test(account)).map((id) => `'${id}'`);
  const person = viewer.person !== null && /^p_[a-z2-7]{16}$/.test(viewer.person) ? `'${viewer.person}'` : "null";
  return rule?.(accounts.length === 0 ? nobody : accounts.join(", "), person) ?? "false";
}

/** Tables between the facts follow the session they speak of. */
function generalRule(columns: ReadonlySet<string>): Rule | undefined {
  if (!columns.has("session_id")) return undefined;
  return (accounts, person) =>
    `session_id in (select session_id from main.sessions where account in (${accounts}) or person_id = ${person})`;
}
