import { Refusal } from "#/core/refusal.ts";
import { type Field, isQuestion, type QuestionName, questions } from "#/queries/catalogue.ts";
import type { Search } from "./search-params.ts";
import type { Window } from "./window.ts";

/** @throws Refusal `question.unknown`. */
export function questionNamed(name: string): QuestionName {
  if (isQuestion(name)) return name;
  throw new Refusal("question.unknown", "There is no such question for you.");
}

type Given = Record<string, string | number | boolean>;

/** A question's parameters as the URL names them; the window fills since and until where the question takes them. */
export function paramsFrom(name: QuestionName, search: Search, window: Window | null): Given {
  const given: Given = {};
  for (const field of questions[name].params) {
    const value = typed(field, search.get(field.name));
    if (value !== null) given[field.name] = value;
  }
  const takes = (param: string): boolean => questions[name].params.some((field) => field.name === param);
  if (window !== null && takes("since")) given["since"] = window.since;
  if (window !== null && takes("until")) given["until"] = window.until;
  if (takes("include_services") && search.get("services") !== undefined)
    given["include_services"] = search.get("services") === "1";
  return given;
}

function typed({ type }: Field, text: string | undefined): string | number | boolean | null {
  if (text === undefined) return null;
  if (type === "boolean") return text === "true" || text === "1";
  if (type !== "bigint" && type !== "double") return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}
