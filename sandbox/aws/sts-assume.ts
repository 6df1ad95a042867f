import { denialMessage } from "#/core/iam/denial.ts";
import { decide } from "./authorize.ts";
import { type Ask, AwsError, type AwsReply, type Call, type JsonObject, type Session } from "./call.ts";
import { roleAt } from "./find.ts";
import { Constraints } from "./parameters.ts";
import type { SessionSeal } from "./session.ts";
import type { Account, Role } from "./state.ts";
import { issue, stsReply } from "./sts-issue.ts";
import { checkMfa } from "./sts-mfa.ts";
import { namePattern, namePatternShown, type Terms, termsOf } from "./sts-terms.ts";

/** AssumeRole, with every rule of its page: trust, external id, MFA, tags, source identity, chaining. */
export function assumeRole(seal: SessionSeal, call: Call): AwsReply {
  const { caller, parameters, trace } = call;
  const wish = readWish(call);
  const terms = termsOf(parameters, { secondsMax: roleSecondsMax, tags: true });
  if (caller.type === "Root") throw new AwsError("AccessDenied", "Roles may not be assumed by root accounts.", 403);
  const target = roleAt(call.organisation, wish.roleArn);
  if (target === undefined) throw denied(call, "sts:AssumeRole", wish.roleArn);
  const inherited = inheritedFrom(caller.session);
  const sourceIdentity = terms.sourceIdentity ?? inherited.sourceIdentity;
  const mfaAt = checkMfa(call, wish.serial, wish.code);
  mayAssume(call, target, wish, { ...terms, ...(sourceIdentity === undefined ? {} : { sourceIdentity }) }, mfaAt);
  refuseClash(terms, inherited.tags);
  const seconds = secondsFor(caller.session, target.role, terms.seconds);
  const issued = issue(
    seal,
    {
      kind: "role",
      account: target.account.id,
      of: target.role.name,
      ofId: target.role.id,
      name: wish.name,
      tags: { ...inherited.tags, ...terms.tags },
      transitiveTagKeys: [...Object.keys(inherited.tags), ...terms.transitiveTagKeys],
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
      policies: terms.policies,
      policyArns: terms.policyArns,
      depth: caller.session?.kind === "role" ? caller.session.depth + 1 : 0,
      seconds,
    },
    call.now,
  );
  const user = assumedRoleUser(target, wish.name);
  const isInherited = Object.keys(inherited.tags).length > 0;
  if (isInherited) trace.requestParameters = { ...trace.requestParameters, incomingTransitiveTags: inherited.tags };
  trace.owner = target.account.id;
  trace.resources = [{ accountId: target.account.id, type: "AWS::IAM::Role", ARN: wish.roleArn }];
  trace.responseElements = recordedAnswer(issued.recorded, user, terms.packedSize, sourceIdentity);
  return stsReply(call, {
    Credentials: issued.credentials,
    AssumedRoleUser: { AssumedRoleId: user.assumedRoleId, Arn: user.arn },
    PackedPolicySize: terms.packedSize,
    SourceIdentity: sourceIdentity,
  });
}

export const roleSecondsMax = 43_200;
const secondsDefault = 3_600;
/** AWS caps a chained role at one hour whatever the role's own maximum says. */
const chainedSecondsMax = 3_600;

export interface Target {
  readonly account: Account;
  readonly role: Role;
}

export function assumedRoleUser(target: Target, name: string): { assumedRoleId: string; arn: string } {
  const arn = `arn:aws:sts::${target.account.id}:assumed-role/${target.role.name}/${name}`;
  return { assumedRoleId: `${target.role.id}:${name}`, arn };
}

export function recordedAnswer(
  credentials: JsonObject,
  user: JsonObject,
  packedSize: number | undefined,
  sourceIdentity: string | undefined,
): JsonObject {
  return {
    credentials,
    assumedRoleUser: user,
    ...(packedSize === undefined ? {} : { packedPolicySize: packedSize }),
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  };
}

/** @throws AwsError ValidationError over the role's own maximum. AWS refuses, it does not clamp. */
export function withinRole(role: Role, seconds: number | undefined): number {
  const wanted = seconds ?? secondsDefault;
  if (wanted <= role.maxSessionSeconds) return wanted;
  throw new AwsError(
    "ValidationError",
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  );
}

export function constrainRoleCall(roleArn: string | undefined, name: string | undefined): Constraints {
  return new Constraints()
    .present("roleArn", roleArn)
    .length("roleArn", roleArn, 20, 2_048)
    .present("roleSessionName", name)
    .length("roleSessionName", name, 2, 64)
    .pattern("roleSessionName", name, namePattern, namePatternShown);
}

interface Wish {
  readonly roleArn: string;
  readonly name: string;
  readonly externalId: string | undefined;
  readonly serial: string | undefined;
  readonly code: string | undefined;
}

function readWish({ parameters }: Call): Wish {
  const roleArn = parameters.get("RoleArn");
  const name = parameters.get("RoleSessionName");
  const externalId = parameters.get("ExternalId");
  const serial = parameters.get("SerialNumber");
  const code = parameters.get("TokenCode");
  constrainRoleCall(roleArn, name)
    .length("externalId", externalId, 2, 1_224)
    .pattern("externalId", externalId, /^[\w+=,.@:/-]*$/, "[\\w+=,.@:\\/-]*")
    .length("serialNumber", serial, 9, 256)
    .pattern("serialNumber", serial, /^[\w+=/:,.@-]*$/, "[\\w+=/:,.@-]*")
    .pattern("tokenCode", code, /^\d{6}$/, "[\\d]*")
    .done();
  if (!/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(roleArn ?? ""))
    throw new AwsError("ValidationError", `${roleArn} is invalid`);
  return { roleArn: roleArn ?? "", name: name ?? "", externalId, serial, code };
}

/** Transitive tags and the source identity go on through every chain; nothing else does. */
function inheritedFrom(session: Session | undefined): { tags: Record<string, string>; sourceIdentity?: string } {
  if (session?.kind !== "role") return { tags: {} };
  const carried = new Set(session.transitiveTagKeys.map((key) => key.toLowerCase()));
  const tags = Object.fromEntries(Object.entries(session.tags).filter(([key]) => carried.has(key.toLowerCase())));
  return { tags, ...(session.sourceIdentity === undefined ? {} : { sourceIdentity: session.sourceIdentity }) };
}

/** The call asks for up to three actions, and the trust policy must allow each (and the caller's own, where IAM asks it). */
function mayAssume(call: Call, target: Target, wish: Wish, terms: Terms, mfaAt: number | undefined): void {
  const { session } = call.caller;
  const inherited = inheritedFrom(session);
  const context = {
    "sts:RoleSessionName": wish.name,
    ...(wish.externalId === undefined ? {} : { "sts:ExternalId": wish.externalId }),
    ...(mfaAt === undefined ? {} : { "aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0" }),
    ...termsContext(terms),
  };
  const ask: TrustAsk = {
    resource: wish.roleArn,
    resourceAccount: target.account.id,
    trust: target.role.trustPolicy,
    context,
  };
  allow(call, { ...ask, action: "sts:AssumeRole" });
  // Inherited tags and source identity need the permission as well: the whole call fails without it.
  if (Object.keys(terms.tags).length + Object.keys(inherited.tags).length > 0)
    allow(call, { ...ask, action: "sts:TagSession" });
  if (terms.sourceIdentity === undefined) return;
  if (inherited.sourceIdentity !== undefined && inherited.sourceIdentity !== terms.sourceIdentity)
    throw denied(call, "sts:SetSourceIdentity", wish.roleArn);
  allow(call, { ...ask, action: "sts:SetSourceIdentity" });
  const crosses = target.account.id !== call.caller.account;
  if (crosses || session?.kind === "role") callerMaySetSourceIdentity(call, ask);
}

export function termsContext(terms: Terms): Record<string, string | readonly string[]> {
  const tags = Object.entries(terms.tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return {
    ...Object.fromEntries(tags),
    "aws:TagKeys": Object.keys(terms.tags),
    "sts:TransitiveTagKeys": terms.transitiveTagKeys,
    ...(terms.sourceIdentity === undefined ? {} : { "sts:SourceIdentity": terms.sourceIdentity }),
  };
}

type TrustAsk = Omit<Ask, "action"> & { readonly trust: string };

/** Where the trust policy is what is missing, AWS names no policy: the same words as for a role that does not exist. */
function allow(call: Call, ask: TrustAsk & { readonly action: string }): void {
  const { request, decision } = decide(call, ask);
  if (decision.effect === "allowed") return;
  if (decision.effect === "implicitDeny" && decision.allMissing.includes("trust"))
    throw denied(call, ask.action, ask.resource);
  throw new AwsError("AccessDenied", denialMessage(request, decision), 403);
}

/** When chaining or crossing accounts the caller's own policies must allow it too, even where the trust names the caller. */
function callerMaySetSourceIdentity(call: Call, ask: TrustAsk): void {
  const { trust: _, resourceAccount: __, ...own } = ask;
  call.authorize({ ...own, action: "sts:SetSourceIdentity" });
}

function denied(call: Call, action: string, roleArn: string): AwsError {
  const message = `User: ${call.caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`;
  return new AwsError("AccessDenied", message, 403);
}

function refuseClash(terms: Terms, inherited: Readonly<Record<string, string>>): void {
  const carried = new Set(Object.keys(inherited).map((key) => key.toLowerCase()));
  if (!Object.keys(terms.tags).some((key) => carried.has(key.toLowerCase()))) return;
  throw new AwsError(
    "InvalidParameterValue",
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
  );
}

function secondsFor(session: Session | undefined, role: Role, seconds: number | undefined): number {
  if (session?.kind === "role" && (seconds ?? 0) > chainedSecondsMax)
    throw new AwsError(
      "ValidationError",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    );
  if (session !== undefined && (seconds ?? 0) > chainedSecondsMax)
    throw new AwsError(
      "ValidationError",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed with temporary credentials",
    );
  return withinRole(role, seconds);
}
