import { accountOf, nameOf, type Terms } from "../access.ts";
import { evaluate } from "../iam/evaluate.ts";
import { MalformedPolicy } from "../iam/malformed.ts";
import { nearestMiss } from "../iam/near.ts";
import { type NamedPolicy, parsePolicy } from "../iam/policy.ts";
import type { Context, Principal, Request } from "../iam/request.ts";
import { Refusal } from "../refusal.ts";
import type { RoleDoor, RoleFacts } from "../revoke-iam.ts";
import type { PreflightCheck } from "../views.ts";
import { roadCap } from "./checks.ts";
import { freezeOf, thawWords } from "./freeze.ts";
import type { Minter } from "./minter.ts";
import { hostOf, type Trusting, trustLine } from "./trust.ts";

/** What the mint would be for this person, but for what only the request says. */
export interface Intended extends Trusting {
  readonly person_id: string;
  readonly session_name: string;
}

/**
 * Why a mint would fail, said before the click: grant, cap of the road, the role's own maximum, trust policy, freeze.
 * Asks STS for nothing. What cannot be seen from here is said to be unknown, never to be fine.
 *
 * @param door null where no role of the account lets Roletrail look.
 */
export async function preflight(
  minter: Minter,
  intended: Intended,
  door: RoleDoor | null,
): Promise<readonly PreflightCheck[]> {
  const { terms } = intended;
  const [cap, frozen, facts, closed, ledger] = await Promise.all([
    roadCap(minter, terms),
    freezeOf(minter.store, terms.role.arn),
    factsOf(door, terms.role.arn),
    minter.roads[terms.role.road].closed?.(),
    minter.ledgerRefusal?.(),
  ]);
  return [
    grantCheck(terms),
    capCheck(terms, cap),
    frozenCheck(frozen?.until ?? null),
    ...(closed === undefined ? [] : [issuerCheck(closed)]),
    ...(ledger === undefined || ledger === null ? [] : [willFail("ledger", ledger.message, ledger.help ?? "")]),
    ...("unseen" in facts ? [unseen(facts.unseen, intended)] : seenChecks(facts.seen, intended)),
  ];
}

const willWork = (check: string, sentence: string): PreflightCheck => ({
  check,
  state: "will-work",
  sentence,
  help: null,
});
const willFail = (check: string, sentence: string, help: string): PreflightCheck => ({
  check,
  state: "will-fail",
  sentence,
  help,
});
const unknown = (check: string, sentence: string, help: string): PreflightCheck => ({
  check,
  state: "unknown",
  sentence,
  help,
});

async function factsOf(door: RoleDoor | null, arn: string): Promise<{ seen: RoleFacts } | { unseen: string }> {
  if (door === null) return { unseen: "Roletrail has no role in this account to look with." };
  try {
    return { seen: await door.role(arn) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { unseen: error.code === "role.unknown" ? "IAM knows no such role." : error.message };
  }
}

function grantCheck({ ways }: Terms): PreflightCheck {
  const names = ways.map(({ grant }) => `“${grant}”`).join(", ");
  return willWork("grant", `The access file lends you this role by ${names}.`);
}

function capCheck(terms: Terms, cap: { seconds_max: number; why: string }): PreflightCheck {
  const hours = (seconds: number): string => `${Math.round(seconds / 36) / 100} h`;
  const least = Math.min(terms.seconds_max, cap.seconds_max);
  const why = cap.seconds_max < terms.seconds_max ? ` ${cap.why}` : "";
  return willWork("duration", `Up to ${hours(least)}.${why}`);
}

function frozenCheck(until: string | null): PreflightCheck {
  if (until === null) return willWork("frozen", "Nobody is revoking this role just now.");
  return willFail(
    "frozen",
    "Older sessions of this role are being revoked.",
    `It mints again from ${thawWords(until)} on.`,
  );
}

function issuerCheck(closed: Refusal | null): PreflightCheck {
  if (closed === null) return willWork("issuer", "Roletrail's issuer is published, with the key that signs now.");
  return willFail("issuer", closed.message, closed.help ?? "");
}

function unseen(sentence: string, intended: Intended): PreflightCheck {
  return unknown("trust", sentence, `The role's trust policy should say: ${trustLine(intended)}`);
}

function seenChecks(facts: RoleFacts, intended: Intended): readonly PreflightCheck[] {
  return [maximumCheck(facts, intended.terms), ...trustChecks(facts, intended)];
}

function maximumCheck({ max_seconds }: RoleFacts, { seconds_max }: Terms): PreflightCheck {
  if (max_seconds >= seconds_max) return willWork("maximum", "The role itself lends that long.");
  return willFail(
    "maximum",
    `The role itself lends at most ${max_seconds / 60} minutes; AWS refuses more.`,
    `Ask for ${max_seconds / 60} minutes or less, or ask who keeps the role to raise its MaxSessionDuration.`,
  );
}

/** Asks the role's trust policy with our own evaluator, once an action that the call needs. */
function trustChecks(facts: RoleFacts, intended: Intended): readonly PreflightCheck[] {
  const trust = trustOf(facts);
  if (trust === null) return [unseen("The role's trust policy is not one our evaluator reads.", intended)];
  const { role } = intended.terms;
  const assume = role.road === "assume-role" ? "sts:AssumeRole" : "sts:AssumeRoleWithWebIdentity";
  const actions = [assume, "sts:TagSession", ...(intended.source_identity === null ? [] : ["sts:SetSourceIdentity"])];
  const help = `Ask who keeps the role to let its trust policy say: ${trustLine(intended)}`;
  return actions.map((action) => {
    const request = requestOf(action, intended);
    if (trusts(trust, request)) return willWork(action, `The role's trust policy allows ${action}.`);
    return willFail(
      action,
      `The role's trust policy does not allow ${action} to Roletrail. ${why(trust, request)}`,
      help,
    );
  });
}

function trustOf({ trust_policy }: RoleFacts): NamedPolicy | null {
  try {
    return { name: "trust", policy: parsePolicy(trust_policy, "trust") };
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    return null;
  }
}

/** Only what the trust policy itself says: who assumes is taken to be allowed by its own policies. */
function trusts(trust: NamedPolicy, request: Request): boolean {
  const anything = { name: "any", policy: parsePolicy(allowAll, "identity") };
  return evaluate(request, { identity: [anything], trust }).effect === "allowed";
}

function requestOf(action: string, intended: Intended): Request {
  const { role, account } = intended.terms;
  return {
    principal: principalOf(intended),
    action,
    resource: role.arn,
    resourceAccount: account.id,
    context: contextOf(intended),
  };
}

/** What stands in the way in the statement that comes nearest. */
function why({ policy }: NamedPolicy, request: Request): string {
  const miss = nearestMiss(request, policy);
  if (miss === undefined) return "A Deny in it is in the way.";
  if (miss.element === "Principal") return "No statement names Roletrail.";
  if (miss.element === "Action") return "It names Roletrail, but not for this action.";
  const [unmet] = miss.conditions;
  if (unmet === undefined) return "";
  const given = unmet.given === undefined ? "none" : unmet.given.join(", ");
  return `Its condition ${unmet.operator} on ${unmet.key} asks for ${unmet.wanted.join(", ")}; this mint has ${given}.`;
}

const allowAll = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';

function principalOf({ terms, issuer }: Intended): Principal {
  const { role, account } = terms;
  const host = hostOf(issuer);
  if (role.road === "web-identity") {
    return { type: "Federated", provider: `arn:${account.partition}:iam::${account.id}:oidc-provider/${host}` };
  }
  const broker = account.broker ?? `arn:${account.partition}:iam::${account.id}:role/unnamed`;
  const of = accountOf(broker);
  return {
    type: "AssumedRole",
    account: of,
    arn: `arn:${account.partition}:sts::${of}:assumed-role/${nameOf(broker)}/roletrail`,
    roleArn: broker,
    id: "AROAUNKNOWN:roletrail",
  };
}

function contextOf({ terms, issuer, tags, source_identity, session_name, person_id }: Intended): Context {
  const host = hostOf(issuer);
  const { role, account } = terms;
  const web = {
    [`${host}:aud`]: "sts.amazonaws.com",
    [`${host}:sub`]: `${account.id}:${nameOf(role.arn)}:${person_id}`,
  };
  return {
    "aws:TagKeys": Object.keys(tags),
    "sts:TransitiveTagKeys": ["RoletrailMint"],
    "sts:RoleSessionName": session_name,
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    ...(source_identity === null ? {} : { "sts:SourceIdentity": source_identity }),
    ...(role.external_id === undefined ? {} : { "sts:ExternalId": role.external_id }),
    ...(role.road === "web-identity" ? web : {}),
  };
}
