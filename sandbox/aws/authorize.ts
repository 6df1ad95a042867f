import { denialMessage } from "#/core/iam/denial.ts";
import { type Decision, evaluate, type Policies } from "#/core/iam/evaluate.ts";
import { type Form, type NamedPolicy, type Policy, parsePolicy } from "#/core/iam/policy.ts";
import type { Context, Principal, Request } from "#/core/iam/request.ts";
import { type Ask, AwsError, type AwsRequest, type Caller, type Session } from "./call.ts";
import { accountNamed, roleArnOf, roleNamed, userArnOf, userNamed } from "./find.ts";
import { managedPolicy } from "./iam-managed.ts";
import type { Account, Organisation } from "./state.ts";

/** Who asks, from where and when: what a call knows before it is taken apart. */
export interface Asker {
  readonly caller: Caller;
  readonly organisation: Organisation;
  readonly request: AwsRequest;
  readonly region: string;
  readonly now: Date;
}

/** @throws AwsError AccessDenied in AWS's words. */
export function authorize(asker: Asker, ask: Ask): void {
  const { request, decision } = decide(asker, ask);
  if (decision.effect === "allowed") return;
  throw new AwsError("AccessDenied", denialMessage(request, decision), 403);
}

export interface Asked {
  readonly request: Request;
  readonly decision: Decision;
}

/** `trust`: the role's trust policy as JSON text, for the calls that take a role. */
export function decide(asker: Asker, ask: Ask & { readonly trust?: string }): Asked {
  const request: Request = {
    principal: principalOf(asker.organisation, asker.caller),
    action: ask.action,
    resource: ask.resource,
    ...(ask.resourceAccount === undefined ? {} : { resourceAccount: ask.resourceAccount }),
    context: { ...contextOf(asker, ask.resourceAccount), ...ask.context },
  };
  const policies: Policies = {
    ...policiesOf(asker.organisation, asker.caller),
    ...(ask.trust === undefined ? {} : { trust: named("trust policy", ask.trust, "trust") }),
    ...(ask.resourcePolicy === undefined ? {} : { resource: named("resource policy", ask.resourcePolicy, "resource") }),
  };
  return { request, decision: evaluate(request, policies) };
}

/** Compiled once for each text: the same few hundred documents are asked about all day. */
export function named(name: string, text: string, form: Form): NamedPolicy {
  const key = `${form}\n${text}`;
  const known = compiled.get(key);
  if (known !== undefined) return { name, policy: known };
  const policy = parsePolicy(text, form);
  if (compiled.size >= compiledMax) compiled.clear();
  compiled.set(key, policy);
  return { name, policy };
}

/** The keys every request has, whoever asks (IAM guide, "AWS global condition context keys"). */
export function requestContext(asker: Omit<Asker, "caller">): Record<string, string> {
  return {
    "aws:CurrentTime": asker.now.toISOString(),
    "aws:EpochTime": String(Math.floor(asker.now.getTime() / 1000)),
    "aws:RequestedRegion": asker.region,
    // The sandbox stands for AWS's https endpoints; on loopback nothing is to be encrypted.
    "aws:SecureTransport": "true",
    "aws:SourceIp": asker.request.ip,
    "aws:UserAgent": asker.request.headers["user-agent"] ?? "",
    "aws:ViaAWSService": "false",
  };
}

/** What the evaluator calls the caller. */
export function principalOf(organisation: Organisation, caller: Caller): Principal {
  const account = accountNamed(organisation, caller.account);
  if (caller.type === "Root") return { type: "Root", account: caller.account, arn: caller.arn };
  if (caller.type === "AssumedRole") {
    const role = account === undefined ? undefined : roleNamed(account, caller.roleName);
    return {
      type: "AssumedRole",
      account: caller.account,
      arn: caller.arn,
      roleArn: account === undefined || role === undefined ? caller.arn : roleArnOf(account, role),
      id: caller.userId,
      tags: { ...role?.tags, ...caller.session.tags },
    };
  }
  const user = account === undefined ? undefined : userNamed(account, caller.userName);
  const tags = { ...user?.tags, ...caller.session?.tags };
  if (caller.type === "IAMUser")
    return { type: "User", account: caller.account, arn: caller.arn, name: caller.userName, id: caller.userId, tags };
  const userArn = account === undefined || user === undefined ? caller.arn : userArnOf(account, user);
  return { type: "FederatedUser", account: caller.account, arn: caller.arn, userArn, id: caller.userId, tags };
}

const compiled = new Map<string, Policy>();
const compiledMax = 4_096;

function contextOf(asker: Asker, resourceAccount: string | undefined): Context {
  const { caller, organisation } = asker;
  const account = accountNamed(organisation, caller.account);
  const owner = accountNamed(organisation, resourceAccount ?? caller.account);
  return {
    ...requestContext(asker),
    ...(account === undefined || account.outside ? {} : { "aws:PrincipalOrgID": organisation.id }),
    ...(owner === undefined || owner.outside ? {} : { "aws:ResourceOrgID": organisation.id }),
    ...(caller.session === undefined ? {} : sessionContext(caller.session, asker.now)),
  };
}

/** Long-term keys have none of these: a condition on TokenIssueTime never meets them. */
function sessionContext(session: Session, now: Date): Record<string, string> {
  return {
    "aws:TokenIssueTime": new Date(session.issuedAt * 1000).toISOString(),
    "aws:MultiFactorAuthPresent": String(session.mfaAt !== undefined),
    ...(session.mfaAt === undefined
      ? {}
      : { "aws:MultiFactorAuthAge": String(Math.floor(now.getTime() / 1000) - session.mfaAt) }),
    ...(session.sourceIdentity === undefined ? {} : { "aws:SourceIdentity": session.sourceIdentity }),
    ...(session.web === undefined ? {} : { "aws:FederatedProvider": session.web.provider }),
  };
}

function policiesOf(organisation: Organisation, caller: Caller): Policies {
  const account = accountNamed(organisation, caller.account);
  if (account === undefined || caller.type === "Root") return { identity: [] };
  const holder =
    caller.type === "AssumedRole" ? roleNamed(account, caller.roleName) : userNamed(account, caller.userName);
  const session = sessionPolicies(account, caller.session);
  if (holder === undefined) return { identity: [] };
  const inline = Object.entries(holder.inlinePolicies).map(([name, text]) => named(name, text, "identity"));
  const boundary = managed(account, holder.permissionsBoundaryArn);
  return {
    identity: [...inline, ...holder.attachedPolicyArns.flatMap((arn) => managed(account, arn))],
    ...(session === undefined ? {} : { session }),
    ...(boundary[0] === undefined ? {} : { boundary: boundary[0] }),
  };
}

/** GetFederationToken without a policy lends nothing; a role session without one is only bounded by its role. */
function sessionPolicies(account: Account, session: Session | undefined): NamedPolicy[] | undefined {
  if (session === undefined || session.kind === "session-token") return undefined;
  const given = [
    ...session.policies.map((text) => named("session policy", text, "identity")),
    ...session.policyArns.flatMap((arn) => managed(account, arn)),
  ];
  const isLimited = session.policies.length + session.policyArns.length > 0 || session.kind === "federation-token";
  return isLimited ? given : undefined;
}

/** A policy that is attached but gone allows nothing: a lost boundary must not free whom it bounded. */
function managed(account: Account, arn: string | undefined): NamedPolicy[] {
  if (arn === undefined) return [];
  const policy = managedPolicy(account, arn);
  return [policy === undefined ? { name: arn, policy: empty } : named(policy.arn, policy.document, "identity")];
}

const empty: Policy = { version: "2012-10-17", statements: [] };
