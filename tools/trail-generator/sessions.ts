import { awsId, type Random } from "#/sandbox/story/random.ts";
import { action } from "./calls.ts";
import {
  type Action,
  assumedRole,
  type BenchSession,
  issued,
  type Place,
  record,
  roleResource,
  type Where,
} from "./records.ts";
import type { Counting } from "./truth.ts";
import type { BenchRole, BenchWorld } from "./world.ts";

export interface Planner {
  readonly world: BenchWorld;
  readonly random: Random;
  readonly counting: Counting;
  /** Nothing happens at or after this second. */
  readonly end: number;
  emit(place: Place, text: string): void;
}

export const rolesOf = (planner: Planner, kind: BenchRole["kind"]): readonly BenchRole[] =>
  planner.world.roles.filter((role) => role.kind === kind);

export function newSession(
  planner: Planner,
  role: BenchRole,
  name: string,
  at: number,
  sourceIdentity?: string,
): BenchSession {
  return {
    account: role.account,
    role: role.arn,
    roleName: role.name,
    roleId: role.id,
    name,
    key: awsId(planner.random, "ASIA"),
    created: at,
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  };
}

export const placeOf = (planner: Planner, account: string, at: number): Place => ({
  account,
  region: planner.random.pick(planner.world.regions),
  at,
});

interface Caller {
  readonly identity: string;
  readonly name: string;
  readonly account: string;
  readonly session?: BenchSession;
}

/** AssumeRole by a user or a session: refused now and then, with a copy in the role's account when that is another. */
export function assume(
  planner: Planner,
  caller: Caller,
  role: BenchRole,
  name: string,
  at: number,
  region: string,
  where: Where,
  hops: number,
): boolean {
  const { random, counting } = planner;
  const place = { account: caller.account, region, at };
  if (random.chance(0.08)) {
    const who =
      caller.session === undefined
        ? caller.name
        : `arn:aws:sts::${caller.account}:assumed-role/${caller.session.roleName}/${caller.session.name}`;
    const message = `"errorCode":"AccessDenied","errorMessage":"User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${role.arn}",`;
    planner.emit(
      place,
      record(
        caller.identity,
        { source: "sts", name: "AssumeRole", readOnly: true, parameters: "null" },
        place,
        where,
        random,
        message,
      ),
    );
    counting.edge(caller.name, role.arn, "AssumeRole", false);
    return false;
  }
  const session = counting.free(newSession(planner, role, name, at, caller.session?.sourceIdentity));
  const moment = { ...place, at: session.created };
  const parameters = `{"roleArn":"${role.arn}","roleSessionName":"${name}","durationSeconds":3600${hops > 0 ? `,"incomingTransitiveTags":{}` : ""}}`;
  const call: Action = {
    source: "sts",
    name: "AssumeRole",
    readOnly: true,
    parameters,
    response: issued(session, 3600, random),
  };
  const shared = caller.account === role.account ? "" : `"sharedEventID":"${random.uuid()}",`;
  planner.emit(
    moment,
    record(caller.identity, call, moment, where, random, shared + roleResource(role.arn, role.account)),
  );
  if (shared !== "") {
    const principal =
      caller.session === undefined ? awsId(random, "AIDA") : `${caller.session.roleId}:${caller.session.name}`;
    const copy = `{"type":"AWSAccount","principalId":"${principal}","accountId":"${caller.account}"}`;
    planner.emit(
      { ...moment, account: role.account },
      record(copy, call, { ...moment, account: role.account }, where, random, shared),
    );
    counting.truth.cross_account_pairs += 1;
  }
  counting.edge(caller.name, role.arn, "AssumeRole", true);
  counting.issued("AssumeRole", hops + 1, caller.session !== undefined);
  use(planner, session, region, where, hops + 1);
  return true;
}

/** The calls of an issued role session, and now and then a chain behind it (four hops at most). */
export function use(planner: Planner, session: BenchSession, region: string, where: Where, hops: number): void {
  const { random, counting } = planner;
  const place = { account: session.account, region, at: session.created };
  const count = random.chance(0.06) ? 0 : Math.ceil(random.gap(24));
  const made = calls(planner, assumedRole(session), place, where, count);
  const at = session.created + 60 + random.int(0, 1500);
  if (hops < 4 && random.chance(0.3) && at < planner.end) {
    const caller = { identity: assumedRole(session), name: session.role, account: session.account, session };
    const target = random.pick(rolesOf(planner, "chain"));
    // The chain's own call is one of this session's, refused or not.
    made.calls += 1;
    if (!assume(planner, caller, target, session.name, at, region, where, hops)) made.denied += 1;
  }
  counting.used(made);
}

export interface Made {
  calls: number;
  denied: number;
}

export function calls(planner: Planner, identity: string, from: Place, where: Where, count: number): Made {
  const { random } = planner;
  const made: Made = { calls: 0, denied: 0 };
  let at = from.at;
  for (let left = count; left > 0; left -= 1) {
    at += 1 + Math.floor(random.gap(110));
    if (at >= planner.end) break;
    const denied = random.chance(0.04);
    const more = denied
      ? `"errorCode":"AccessDenied","errorMessage":"User is not authorized to perform this action",`
      : "";
    const place = { ...from, at };
    planner.emit(place, record(identity, action(random), place, where, random, more));
    made.calls += 1;
    if (denied) made.denied += 1;
    planner.counting.truth.denied_events += denied ? 1 : 0;
  }
  return made;
}
