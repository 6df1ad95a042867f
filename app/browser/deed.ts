import { keepFields } from "./form.ts";
import { storedKey } from "./key.ts";
import { prove } from "./prove.ts";

/** An answer of the API: the object, or RFC 9457's problem. */
export type Outcome = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly problem: Problem };

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly help?: string;
  readonly until?: string;
  readonly id?: string;
  readonly cost?: { readonly bytes: number; readonly dollars: number; readonly query_id: string | null };
}

export interface DeedTerms {
  /** Kept over a renewal of the sign-in, so that the person finds the form as they left it. Never a secret. */
  readonly form?: HTMLFormElement;
  /** One a press of the button: a repeat answers 409 and never makes a second credential. */
  readonly idempotencyKey?: string;
}

/**
 * Does a deed: proves this very body with the browser's key and posts it. Where the sign-in has grown old, or its key is
 * gone, the page goes through the sign-in and comes back with its form; then the promise never settles.
 */
export async function postDeed(path: string, deed: string, body: unknown, terms: DeedTerms = {}): Promise<Outcome> {
  const bond = await json("/session/bond", { headers: { accept: "application/json" } });
  if (!bond.ok) return away(bond.problem) ? leave("renew", terms) : bond;
  if (!isBond(bond.body)) return { ok: false, problem: broken };
  if (bond.body.stale) return leave("renew", terms);
  const key = await storedKey(bond.body.world).catch(() => null);
  if (key === null || key.thumbprint !== bond.body.jkt) return leave("key.lost", terms);
  const answer = await json(path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "roletrail-proof": await prove(key, bond.body.n, deed, body),
      "idempotency-key": terms.idempotencyKey ?? crypto.randomUUID(),
    },
    body: JSON.stringify(body),
  });
  return !answer.ok && away(answer.problem) ? leave("renew", terms) : answer;
}

/** Asks by POST what is no deed: being signed in is enough. Comes back with its form, as a deed does. */
export async function postAsk(path: string, body: unknown, terms: Pick<DeedTerms, "form">): Promise<Outcome> {
  const headers = { "content-type": "application/json" };
  const answer = await json(path, { method: "POST", headers, body: JSON.stringify(body) });
  if (answer.ok || !away(answer.problem)) return answer;
  return leave("renew", terms);
}

/** Refusals that a new sign-in answers. Anything else is for the person. */
const away = ({ code }: Problem): boolean => ["proof.stale", "signin.expired", "signin.required"].includes(code);

function leave(why: "renew" | "key.lost", { form }: DeedTerms): Promise<never> {
  if (form !== undefined) keepFields(form);
  const to = `${location.pathname}${location.search}`;
  const query = new URLSearchParams(why === "renew" ? { to } : { why, to });
  location.assign(why === "renew" ? `/session/renew?${query}` : `/signin?${query}`);
  return new Promise(() => undefined);
}

async function json(path: string, init: RequestInit): Promise<Outcome> {
  try {
    const response = await fetch(path, { ...init, cache: "no-store", credentials: "same-origin" });
    const body: unknown = await response.json();
    if (response.ok) return { ok: true, body };
    return { ok: false, problem: isProblem(body) ? body : broken };
  } catch {
    return { ok: false, problem: broken };
  }
}

const broken: Problem = {
  status: 0,
  code: "functions.down",
  title: "No answer",
  detail: "Roletrail did not answer.",
  help: "Nothing was done as far as this page knows. Look at your sessions before you repeat it.",
};

interface Bond {
  readonly world: string;
  readonly jkt: string;
  readonly n: string;
  readonly stale: boolean;
}

const isObject = (given: unknown): given is Record<string, unknown> => typeof given === "object" && given !== null;

const isProblem = (given: unknown): given is Problem =>
  isObject(given) && typeof given["code"] === "string" && typeof given["detail"] === "string";

const isBond = (given: unknown): given is Bond & Record<string, unknown> =>
  isObject(given) && [given["world"], given["jkt"], given["n"]].every((each) => typeof each === "string");
