import { type Powers, powersOf } from "#/core/access.ts";
import type { Person } from "#/core/person.ts";
import { Refusal } from "#/core/refusal.ts";
import type { Answer } from "#/core/wire.ts";
import type { Viewer } from "#/queries/viewer.ts";
import { deskOf } from "./desk.ts";
import { openReader } from "./vault.ts";
import type { Handler, World } from "./world.ts";

/** A question of the catalogue, as who signed in may see its answer. A whole answer is an export, and is in the ledger. */
export const ask: Handler<"ask"> = async (world, caller, request) => {
  const person = await openReader(world, caller.ticket);
  const access = world.access();
  const powers = powersOf(access, person);
  const named = access.accounts.map(({ id }) => id);
  const viewer = viewerOf(powers, person.id, named);
  if ("sql" in request) return askSql(world, { person, powers, viewer }, request.sql);
  if (!request.whole) return deskOf(world).ask(viewer, request);
  const answer = await deskOf(world).ask(narrowed(viewer, powers.accountsOf("export"), noExport), request);
  const { question, params } = request;
  const body = { person_id: person.id, question, params, rows: answer.rows.length };
  await world.ledger("ask").append({ kind: "exported", body });
  return answer;
};

interface Asking {
  readonly person: Person;
  readonly powers: Powers;
  readonly viewer: Viewer;
}

/** Hand-written SQL over the accounts that both powers reach. The ledger has who asked what, and how many rows came. */
async function askSql(world: World, { person, powers, viewer }: Asking, sql: string): Promise<Answer> {
  const seen = narrowed(viewer, powers.accountsOf("ask-sql"), {
    detail: "Hand-written SQL is for who has the power ask-sql over an account that they see.",
    help: "Ask a question of the catalogue, or ask who keeps the access file for the power.",
  });
  const answer = await deskOf(world).sql(seen, sql);
  const body = { person_id: person.id, question: "sql", params: { sql }, rows: answer.rows.length };
  await world.ledger("ask").append({ kind: "exported", body });
  return answer;
}

/** What the powers over the trail come to. `*` of see-account is every account of the file, of see-all the trail itself. */
export function viewerOf(powers: Powers, personId: string, named: readonly string[]): Viewer {
  const all = powers.accountsOf("see-all");
  if (all === "*") return { accounts: null, person: null };
  const some = powers.accountsOf("see-account");
  const accounts = [...new Set([...all, ...(some === "*" ? named : some)])];
  return { accounts, person: powers.mayAnywhere("see-own") ? personId : null };
}

const noExport = {
  detail: "Whole answers are for who may export.",
  help: "Narrow the question to what a page shows, or ask who keeps the access file for the power export.",
};

/** A viewer of the accounts that another power reaches, too. @throws Refusal `question.unknown` where it reaches none. */
function narrowed(viewer: Viewer, reached: "*" | readonly string[], refusal: typeof noExport): Viewer {
  if (reached === "*") return viewer;
  const accounts = reached.filter((account) => viewer.accounts === null || viewer.accounts.includes(account));
  if (accounts.length > 0) return { accounts, person: null };
  throw new Refusal("question.unknown", refusal.detail, { help: refusal.help });
}
