import { type Powers, powersOf } from "#/core/access.ts";
import { Refusal } from "#/core/refusal.ts";
import type { Viewer } from "#/queries/viewer.ts";
import { deskOf } from "./desk.ts";
import { openReader } from "./vault.ts";
import type { Handler } from "./world.ts";

/** A question of the catalogue, as who signed in may see its answer. A whole answer is an export, and is in the ledger. */
export const ask: Handler<"ask"> = async (world, caller, request) => {
  const person = await openReader(world, caller.ticket);
  const access = world.access();
  const powers = powersOf(access, person);
  const named = access.accounts.map(({ id }) => id);
  const viewer = viewerOf(powers, person.id, named);
  if (!request.whole) return deskOf(world).ask(viewer, request);
  const answer = await deskOf(world).ask(narrowed(viewer, powers.accountsOf("export")), request);
  const { question, params } = request;
  const body = { person_id: person.id, question, params, rows: answer.rows.length };
  await world.ledger("ask").append({ kind: "exported", body });
  return answer;
};

/** What the powers over the trail come to. `*` of see-account is every account of the file, of see-all the trail itself. */
export function viewerOf(powers: Powers, personId: string, named: readonly string[]): Viewer {
  const all = powers.accountsOf("see-all");
  if (all === "*") return { accounts: null, person: null };
  const some = powers.accountsOf("see-account");
  const accounts = [...new Set([...all, ...(some === "*" ? named : some)])];
  return { accounts, person: powers.mayAnywhere("see-own") ? personId : null };
}

/** @throws Refusal `question.unknown` for who may export nothing. */
function narrowed(viewer: Viewer, exports: "*" | readonly string[]): Viewer {
  if (exports === "*") return viewer;
  const accounts = exports.filter((account) => viewer.accounts === null || viewer.accounts.includes(account));
  if (accounts.length > 0) return { accounts, person: null };
  throw new Refusal("question.unknown", "Whole answers are for who may export.", {
    help: "Narrow the question to what a page shows, or ask who keeps the access file for the power export.",
  });
}
