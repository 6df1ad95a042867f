import { isRefusalCode, refusals } from "#/core/refusal.ts";
import { type SigninWhy, signinWhys } from "../auth/way.ts";

export interface Said {
  readonly title: string;
  readonly sentence: string;
  readonly help: string | null;
  /** An end that the person wanted is no failure. */
  readonly tone: "told" | "failed";
}

const said = (title: string, sentence: string, help: string | null = null, tone: Said["tone"] = "failed"): Said => ({
  title,
  sentence,
  help,
  tone,
});

const ofJourneys: Record<SigninWhy, Said> = {
  again: said("The company asks you to sign in again", "Its sign-in has ended, or it wants to see you.", null, "told"),
  declined: said("Nobody signed in", "The sign-in was declined at the company's page."),
  "flow.lost": said(
    "The sign-in took too long",
    "It began more than 15 minutes ago, in another browser, or was already used.",
  ),
  "key.lost": said(
    "This browser lost its key",
    "The key that signs your requests is gone, as after clearing site data.",
    "Signing in makes a new one.",
  ),
  loop: said(
    "The sign-in went in circles",
    "It was renewed several times within seconds and did not stay.",
    "The provider's clock may be wrong, or its tokens may last too short a time.",
  ),
  "signed-out": said("You are signed out", "This browser's key is forgotten.", null, "told"),
};

const ofRefusals: Readonly<Record<string, Said>> = {
  "groups.missing": said(
    "Your sign-in carries no groups",
    "It does not say which groups you are in, so nothing can be decided. That is not taken for being in none.",
    "Whoever runs the sign-in provider must add the groups claim, a list of group names, to the id_token.",
  ),
  "groups.overage": said(
    "You are in too many groups",
    "Your sign-in cannot list all your groups, so it lists none of them.",
    "Whoever runs the sign-in provider must limit the groups claim to the groups that Roletrail uses.",
  ),
  "groups.ids": said(
    "Your groups came as ids",
    "Your sign-in lists your groups by ids, and the access file knows groups by name.",
    "Let the provider put names into the groups claim, or write the ids into the access file.",
  ),
  "signin.provider": said(
    "The company's sign-in does not answer",
    "Roletrail could not reach it, or it gave an answer that cannot be used.",
    "Try again in a minute. If it stays, the issuer in the access file needs a look.",
  ),
  "signin.failed": said("The sign-in did not complete", "The company's answer could not be used. Nobody is signed in."),
  "signin.expired": said("Your session has ended", "It lasts 8 hours at most.", null, "told"),
  "signin.other-person": said(
    "Somebody else is signed in at the company",
    "This session belongs to another person than the one who is signed in there now.",
    "Signing in continues as the person who is signed in there.",
  ),
  "signin.required": said(
    "Roletrail opens here by its link",
    "The start printed a one-time link on the terminal. This browser has not opened it.",
    "Press Enter in that terminal: it prints another link.",
  ),
  "functions.down": said(
    "A part of Roletrail does not answer",
    "The part that knows who is signed in is not running just now.",
    "It starts again by itself within a minute.",
  ),
  "access.invalid": said(
    "The access file cannot be used",
    "Who may sign in is written there, and it is not right.",
    "The terminal where Roletrail runs says which line.",
  ),
};

/** The sentence for a reason in the address; a reason nobody knows says nothing. */
export function saidOf(why: string | undefined): Said | null {
  const journey = signinWhys.find((each) => each === why);
  if (journey !== undefined) return ofJourneys[journey];
  if (why === undefined || !isRefusalCode(why)) return null;
  return ofRefusals[why] ?? said(refusals[why].title, "The company's sign-in was not accepted.", "Sign in again.");
}
