import type { IdTokenClaims, SigninIssuer } from "./id-token.ts";
import { personId } from "./ids.ts";
import type { Person } from "./person.ts";
import { Refusal } from "./refusal.ts";
import { wholeSeconds } from "./time.ts";

type Issuer = Omit<SigninIssuer, "keys">;

/**
 * The person a verified id_token speaks of. Known by (issuer, immutable claim); e-mail is not read at all, so whoever
 * can set one at the provider gains nothing by it.
 *
 * @throws Refusal `proof.token` when the configured claim is absent, `groups.missing|overage`: unknown groups are never
 * taken as none, for a rule may also take something away.
 */
export function personOf(issuer: Issuer, claims: IdTokenClaims, personKey: Uint8Array, via: Person["via"]): Person {
  const { groups, state } = groupsOf(claims, issuer.groups_claim);
  if (state === "missing") throw groupsMissing(issuer.groups_claim);
  if (state === "overage") throw groupsOverage(issuer.groups_claim);
  const claim = claimOf(claims, issuer.claim);
  const id = personId(personKey, issuer.issuer, claim);
  return {
    id,
    issuer: issuer.issuer,
    claim,
    groups,
    groups_state: state,
    name: nameOf(claims, issuer.name_claim) ?? id,
    authenticated_at: wholeSeconds(new Date(claims.auth_time * 1000)),
    via,
  };
}

/**
 * `overage`: Entra's way to say "more than fit" (`hasgroups`, or `_claim_names` pointing elsewhere). `missing`: no claim,
 * or not a list of names. One plain string is one group: AD FS sends a single value so.
 */
export function groupsOf(
  claims: Readonly<Record<string, unknown>>,
  name: string,
): { readonly groups: readonly string[]; readonly state: Person["groups_state"] } {
  const elsewhere = claims["_claim_names"];
  const pointed = typeof elsewhere === "object" && elsewhere !== null && Object.hasOwn(elsewhere, name);
  if (pointed || claims["hasgroups"] === true || claims["hasgroups"] === "true")
    return { groups: [], state: "overage" };
  const given = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof given === "string" && given !== "") return { groups: [given], state: "complete" };
  if (!Array.isArray(given) || !given.every((group) => typeof group === "string"))
    return { groups: [], state: "missing" };
  return { groups: [...new Set<string>(given)], state: "complete" };
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * True when every group came as an id (Entra's default) while the access file knows groups by name only: nothing could
 * ever match, which is a wrong setting and not a person without rights.
 */
export function groupsAreOnlyIds(groups: readonly string[], named: readonly string[]): boolean {
  return (
    groups.length > 0 &&
    named.length > 0 &&
    groups.every((group) => guid.test(group)) &&
    !named.some((group) => guid.test(group))
  );
}

function claimOf(claims: IdTokenClaims, name: string): string {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof value === "string" && value.length > 0 && value.length <= 255) return value;
  throw new Refusal("proof.token", `The sign-in provider's token has no ${name}, by which people are known here.`, {
    help: `The provider must put ${name} into the id_token, or the access file name another claim.`,
  });
}

/** Display only, and the provider lets people choose it: no control, bidi or private characters, 120 at most. */
function nameOf(claims: IdTokenClaims, claim: string): string | null {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  if (typeof value !== "string") return null;
  const clean = value.replaceAll(/\p{C}/gu, "").replaceAll(/\s+/gu, " ").trim();
  return clean === "" ? null : [...clean].slice(0, 120).join("");
}

const groupsMissing = (claim: string): Refusal =>
  new Refusal("groups.missing", "Your sign-in does not say which groups you are in, so nothing can be decided.", {
    help: `Whoever runs the sign-in provider must add the claim “${claim}”, a list of group names, to the id_token.`,
  });

const groupsOverage = (claim: string): Refusal =>
  new Refusal("groups.overage", "You are in more groups than your sign-in can list, so it lists none of them.", {
    help: `Whoever runs the sign-in provider must limit “${claim}” to the groups that Roletrail uses.`,
  });
