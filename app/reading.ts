import "server-only";
import { cache } from "react";
import { Refusal } from "#/core/refusal.ts";
import type { Me, ViewName, Views } from "#/core/views.ts";
import type { Answer } from "#/core/wire.ts";
import { type Params, questions, type Rows } from "#/queries/catalogue.ts";
import { ask } from "./invoke.ts";
import { credentials } from "./session.ts";
import { foreignCaller, visible } from "./words.ts";

export type QuestionName = keyof Rows;

/** A question's answer with its rows typed as its header says. */
export interface Answered<Name extends QuestionName> extends Omit<Answer, "rows"> {
  readonly rows: readonly Rows[Name][];
}

/** One named view of the store, as who is signed in. @throws Refusal as `read` refuses. */
export async function read<Name extends ViewName>(
  view: Name,
  params: Views[Name]["params"],
): Promise<Views[Name]["view"]> {
  const answer = await ask("read", { view, params: { ...params } }, await credentials());
  return sealed<Views[Name]["view"]>(answer);
}

/** One question, as who is signed in; at most 2,000 rows. @throws Refusal as `ask` refuses. */
export async function question<Name extends QuestionName>(name: Name, params: Params[Name]): Promise<Answered<Name>> {
  const answer = await ask("ask", { question: name, params: given(params), whole: false }, await credentials());
  return sealed<Answered<Name>>(answer);
}

/** The signed-in person and what the frame shows; read once a request. */
export const me = cache((): Promise<Me> => read("me", {}));

/** Whether more of the trail than one's own sessions can be asked: what questions of these powers answer, `ask` decides. */
export const maySeeTrail = ({ powers }: Pick<Me, "powers">): boolean =>
  powers.some(({ power }) => power === "see-account" || power === "see-all");

/** A question that may be asked with these powers: what else is offered would lead to a page that is not there. */
export function mayAsk({ powers }: Pick<Me, "powers">, name: QuestionName): boolean {
  const { power } = questions[name];
  if (power === "see-own") return true;
  return power === "see-account" ? maySeeTrail({ powers }) : powers.some((mine) => mine.power === "see-all");
}

/** In at least one account; which of them it reaches, `ask` decides. */
export const mayAskSql = ({ powers }: Pick<Me, "powers">): boolean => powers.some(({ power }) => power === "ask-sql");

/** In at least one account; which of them it reaches, `ask` decides. */
export const mayExport = ({ powers }: Pick<Me, "powers">): boolean => powers.some(({ power }) => power === "export");

/**
 * The value, or null where the reader may not see it or the trail does not answer just now: for what a page shows beside
 * its own answer, so that roles are minted while the trail is still being read.
 */
export async function ifAllowed<Value>(reading: Promise<Value>): Promise<Value | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Refusal && (error.status < 500 || error.code.startsWith("trail."))) return null;
    throw error;
  }
}

/** Display names of people by id, and of callers in other accounts; an id nobody knows stays as it is. */
export async function names(ids: readonly (string | null)[]): Promise<(id: string) => string> {
  const people = [...new Set(ids.filter((id): id is string => id !== null && /^p_[a-z2-7]{16}$/.test(id)))];
  const known = people.length === 0 ? null : await ifAllowed(read("names", { ids: people.slice(0, 200).join(",") }));
  const { accounts } = await me();
  const accountName = (account: string): string | undefined => accounts.find(({ id }) => id === account)?.name;
  // Whoever writes to the log chooses an id: looked up in an object, `constructor` would be known.
  const called = new Map(Object.entries(known?.names ?? {}));
  return (id) => {
    const foreign = called.get(id) ?? foreignCaller(id, accountName);
    return foreign === null ? id : visible(foreign);
  };
}

function given(params: object): Record<string, string | number | boolean | null> {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined && value !== null));
}

/** Functions checked the shape against the same types on their side of the socket: the only cast of this module. */
function sealed<Shape>(answer: unknown): Shape {
  return answer as Shape;
}
