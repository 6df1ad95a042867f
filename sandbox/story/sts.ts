import { type AccountKey, accounts, roleArn } from "./accounts.ts";
import { isoOf } from "./clock.ts";
import { roleId } from "./organisation.ts";
import { awsId, type Random } from "./random.ts";
import { roles } from "./roles.ts";
import {
  type Action,
  assumedRoleUser,
  credentials,
  type Fields,
  foreignIdentity,
  type Identity,
  type Issued,
  principalOf,
  type RoleRef,
  roleResources,
  roleSessionIdentity,
  sessionArn,
  type Where,
} from "./shapes.ts";
import { explicitDeny, type Living, type Refused, type Stage } from "./stage.ts";
import type { Origin, TrueSession } from "./truth.ts";

/** Who asks STS. `name` is the caller by the naming rule; `principalId` is what another account sees. */
export interface Asker {
  readonly account: AccountKey;
  readonly identity: Identity;
  readonly name: string;
  readonly principalId: string;
  /** As it stands in AWS's error messages. */
  readonly arn: string;
  readonly where: Where;
  readonly session?: Living;
  /** The temporary key of a caller who is no role session: GetSessionToken's. */
  readonly key?: string;
}

export const askerOf = (session: Living): Asker => ({
  account: session.issued.role.account,
  identity: session.identity,
  name: session.issued.role.arn,
  principalId: principalOf(session.issued),
  arn: sessionArn(session.issued),
  where: session.where,
  session,
});

export interface Asked {
  readonly at: number;
  readonly sessionName: string;
  readonly seconds: number;
  readonly origin: Origin;
  readonly sourceIdentity?: string;
  readonly mfa?: boolean;
  readonly mintId?: string;
  /** What the request carries besides role, name and duration. */
  readonly parameters?: Fields;
  readonly region?: string;
  readonly where?: Where;
  /** The supplier's account is not ours: its copy of the record is not in our trail. */
  readonly callerOutside?: boolean;
}

/** The role of the story by account and name. @throws Error when there is none. */
export function roleOf(account: AccountKey, name: string): RoleRef {
  const spec = roles.find((role) => role.account === account && role.name === name);
  if (spec === undefined) throw new Error(`the story has no role ${name} in ${account}`);
  return { account, name, arn: roleArn(account, name, spec.path), id: roleId(account, name) };
}

/** AssumeRole that succeeds: one record, or two with a sharedEventID where two accounts of ours are concerned. */
export function assumeRole(stage: Stage, random: Random, asker: Asker, role: RoleRef, asked: Asked): Living | null {
  const { session } = asker;
  if (session !== undefined && stage.revokedAt(session, asked.at)) {
    refusedByApi(stage, asker, role.arn, asked.at, "AssumeRole", explicitDeny(session, "sts:AssumeRole", role.arn));
    return null;
  }
  const issued = issue(stage, random, role, { ...asked, mfa: asked.mfa ?? false }, session?.issued.sourceIdentity);
  const at = issued.createdAt;
  const where = asked.where ?? asker.where;
  const action = assumeAction(random, asker, issued, asked);
  if (!bothCopies(stage, random, asker, issued, { action, at, where, asked })) return null;
  if (session !== undefined) session.truth.calls += 1;
  const caller = asked.callerOutside === true ? foreignName(asker) : asker.name;
  const parentKey = session?.issued.key ?? asker.key ?? null;
  const hops = (session?.hops ?? (asker.principalId.startsWith("AROA") ? 1 : 0)) + 1;
  return enter(stage, issued, { api: "AssumeRole", caller, asked, where, hops, parentKey });
}

interface Copy {
  readonly action: Action;
  readonly at: number;
  readonly where: Where;
  readonly asked: Asked;
}

/** The caller's record and, where the role is in another account of ours, the owner's. @returns false after the end. */
function bothCopies(stage: Stage, random: Random, asker: Asker, { role }: Issued, copy: Copy): boolean {
  const { action, at, where, asked } = copy;
  const region = asked.region === undefined ? {} : { region: asked.region };
  const crossing = asker.account !== role.account;
  // A service's own call is one event for the service and one for the account.
  const shared = crossing || asker.identity["type"] === "AWSService" ? { sharedEventID: random.uuid() } : {};
  let copies = 0;
  if (asked.callerOutside !== true) {
    const more = { ...shared, resources: roleResources(role) };
    const { account, identity } = asker;
    if (stage.happen({ account, at, identity, action, where, ...region, more }) !== null) copies += 1;
  }
  if (crossing && role.account !== "vendor") {
    const identity = foreignIdentity(asker.principalId, asker.account);
    const { account } = role;
    if (stage.happen({ account, at, identity, action, where, ...region, more: shared }) !== null) copies += 1;
  }
  if (copies === 2) stage.truth.cross_account_pairs += 1;
  return copies > 0;
}

/** The request and the answer, the same in both accounts' copies. */
function assumeAction(random: Random, { session }: Asker, issued: Issued, asked: Asked): Action {
  const inherited = session?.truth.mint_id ?? null;
  return {
    source: "sts",
    name: "AssumeRole",
    readOnly: true,
    parameters: {
      roleArn: issued.role.arn,
      roleSessionName: issued.name,
      durationSeconds: asked.seconds,
      ...(asked.sourceIdentity === undefined ? {} : { sourceIdentity: asked.sourceIdentity }),
      ...asked.parameters,
      ...(inherited === null ? {} : { incomingTransitiveTags: { RoletrailMint: inherited } }),
    },
    response: {
      credentials: credentials(issued.key, issued.createdAt + asked.seconds, random),
      assumedRoleUser: assumedRoleUser(issued),
      packedPolicySize: random.int(2, 9),
      ...(issued.sourceIdentity === undefined ? {} : { sourceIdentity: issued.sourceIdentity }),
    },
  };
}

/** AssumeRoleWithWebIdentity or AssumeRoleWithSAML: whoever holds the token, no key. */
export function assumeByToken(
  stage: Stage,
  random: Random,
  token: { api: "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML"; identity: Identity; caller: string; where: Where },
  role: RoleRef,
  asked: Asked & { readonly response?: Fields; readonly provider?: string; readonly more?: Fields },
): Living | null {
  const fresh = issue(stage, random, role, asked);
  const issued = asked.provider === undefined ? fresh : { ...fresh, webProvider: asked.provider };
  const at = issued.createdAt;
  const told = stage.happen({
    account: role.account,
    at,
    identity: token.identity,
    action: {
      source: "sts",
      name: token.api,
      readOnly: true,
      parameters: {
        roleArn: role.arn,
        roleSessionName: issued.name,
        durationSeconds: asked.seconds,
        ...(asked.sourceIdentity === undefined ? {} : { sourceIdentity: asked.sourceIdentity }),
        ...asked.parameters,
      },
      response: {
        credentials: credentials(issued.key, at + asked.seconds, random),
        assumedRoleUser: assumedRoleUser(issued),
        packedPolicySize: random.int(2, 14),
        ...(asked.sourceIdentity === undefined ? {} : { sourceIdentity: asked.sourceIdentity }),
        ...asked.response,
      },
    },
    where: token.where,
    ...(asked.region === undefined ? {} : { region: asked.region }),
    more: { resources: roleResources(role), ...asked.more },
  });
  if (told === null) return null;
  const { api, caller } = token;
  return enter(stage, issued, { api, caller, asked, where: asked.where ?? token.where, hops: 1, parentKey: null });
}

/** A refused AssumeRole: request parameters are null, the role stands in the message alone, the owner hears nothing. */
export function refuseAssume(stage: Stage, asker: Asker, role: string, at: number, reason: string): void {
  const message = `User: ${asker.arn} is not authorized to perform: sts:AssumeRole on resource: ${role}${reason}`;
  refusedByApi(stage, asker, role, at, "AssumeRole", { code: "AccessDenied", message, denied: true });
}

/** Any refusal of an AssumeRole*; `parameters` only where STS had read them before it said no. */
export function refusedByApi(
  stage: Stage,
  asker: Asker,
  role: string | null,
  at: number,
  api: string,
  refusal: Refused,
  parameters?: Fields,
): void {
  const { account, identity, where, session, name } = asker;
  if (session !== undefined && at >= Math.min(session.until, session.issued.createdAt + session.issued.seconds)) return;
  const action = { source: "sts", name: api, readOnly: true, ...(parameters === undefined ? {} : { parameters }) };
  const eventId = stage.happen({ account, at, identity, action, where, refusal });
  if (eventId === null) return;
  if (session !== undefined) {
    session.truth.calls += 1;
    if (refusal.denied) session.truth.denied_calls += 1;
  }
  stage.edges.count(name, role, api, false);
  stage.truth.refused_assumptions.push({
    event_id: eventId,
    happened_at: isoOf(at),
    caller: name,
    role,
    error_code: refusal.code,
  });
}

function issue(stage: Stage, random: Random, role: RoleRef, asked: Asked, inherited?: string): Issued {
  const sourceIdentity = asked.sourceIdentity ?? inherited;
  return {
    role,
    name: asked.sessionName,
    key: awsId(random, "ASIA"),
    createdAt: stage.freeSecond(`${role.id}:${asked.sessionName}`, asked.at),
    seconds: asked.seconds,
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    ...(asked.mfa === true ? { mfa: true } : {}),
  };
}

interface Entrance {
  readonly api: string;
  readonly caller: string;
  readonly asked: Asked;
  readonly where: Where;
  readonly hops: number;
  readonly parentKey: string | null;
}

function enter(stage: Stage, issued: Issued, { api, caller, asked, where, hops, parentKey }: Entrance): Living {
  stage.edges.count(caller, issued.role.arn, api, true);
  const truth: TrueSession = {
    access_key_id: issued.key,
    principal_id: principalOf(issued),
    created_at: isoOf(issued.createdAt),
    api,
    origin: asked.origin,
    caller,
    role: issued.role.arn,
    session_name: issued.name,
    hops,
    parent_key: parentKey,
    mint_id: asked.mintId ?? null,
    calls: 0,
    calls_by_other_keys: 0,
    denied_calls: 0,
  };
  stage.truth.sessions.push(truth);
  const identity = roleSessionIdentity(issued);
  const living = { issued, identity, where, hops, truth, until: Number.POSITIVE_INFINITY };
  stage.lives.push(living);
  return living;
}

const foreignName = (asker: Asker): string =>
  `account:${accounts[asker.account]}/${asker.principalId.split(":")[0] ?? "*"}`;
