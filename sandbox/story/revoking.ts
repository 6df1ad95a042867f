import type { NewEntry } from "#/core/ledger.ts";
import type { Revocation } from "#/core/wire.ts";
import type { Broker } from "./broker.ts";
import { brokerWhere, functionsAsker } from "./broker.ts";
import type { Calendar, PastRevocation } from "./calendar.ts";
import { cast } from "./cast.ts";
import { isoOf } from "./clock.ts";
import type { Random } from "./random.ts";
import type { Fields } from "./shapes.ts";
import type { Living, Stage } from "./stage.ts";
import { assumeRole, roleOf } from "./sts.ts";

export const policyName = "AWSRevokeOlderSessions";

/** Exactly what the AWS console's button writes. */
export const revokingPolicy = (cutoff: number): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Deny",
        Action: ["*"],
        Resource: ["*"],
        Condition: { DateLessThan: { "aws:TokenIssueTime": `${isoOf(cutoff).slice(0, 19)}.000Z` } },
      },
    ],
  });

/** A revocation as the revoke function keeps it in the store, beside the ledger's lines. */
export type PastRow = Omit<Revocation, "asked_by_name">;

/** Roletrail's revocations of the past: the revoker's calls in the trail, the ledger's lines, the store's rows. */
export function tellRevocations(
  stage: Stage,
  random: Random,
  calendar: Calendar,
  broker: Broker,
): { entries: NewEntry[]; rows: PastRow[] } {
  const rows = calendar.revocations.map((past) => {
    const revoker = takeRevoker(stage, random, past);
    if (revoker !== null) write(stage, revoker, past);
    return rowOf(past, broker, hitsOf(stage, past));
  });
  return { entries: rows.flatMap(entriesOf), rows };
}

const hitsOf = (stage: Stage, { role, askedAt, cutoff }: PastRevocation): number =>
  stage.lives.filter(({ issued }) => {
    const alive = issued.createdAt < cutoff && issued.createdAt + issued.seconds > askedAt;
    return issued.role.arn === role.arn && alive;
  }).length;

function takeRevoker(stage: Stage, random: Random, { role, askedAt }: PastRevocation): Living | null {
  return assumeRole(stage, random, functionsAsker(), roleOf(role.account, "RoletrailRevoker"), {
    at: askedAt - 1,
    sessionName: "roletrail",
    seconds: 3600,
    origin: "broker-machinery",
  });
}

function write(stage: Stage, revoker: Living, { role, askedAt, cutoff }: PastRevocation): void {
  const call = (after: number, name: string, readOnly: boolean, parameters: Fields): void => {
    const session = { ...revoker, where: brokerWhere };
    stage.call(session, askedAt + after, { source: "iam", name, readOnly, parameters });
  };
  const target = { roleName: role.name, policyName };
  call(0, "GetRole", true, { roleName: role.name });
  call(0, "ListRolePolicies", true, { roleName: role.name });
  call(1, "PutRolePolicy", false, { ...target, policyDocument: revokingPolicy(cutoff) });
  call(2, "GetRolePolicy", true, target);
}

function rowOf(past: PastRevocation, broker: Broker, hits: number): PastRow {
  const person = cast.find(({ name }) => name === past.by);
  if (person === undefined) throw new Error(`nobody of the cast is ${past.by}`);
  const at = (after: number): string => new Date((past.askedAt + after) * 1000 + 130).toISOString();
  return {
    revocation_id: past.id,
    scope: "role",
    role: past.role.arn,
    asked_by: broker.personId(person),
    reason: past.reason,
    asked_at: at(0),
    cutoff: isoOf(past.cutoff),
    frozen_until: isoOf(past.cutoff + 1),
    stored_at: at(1),
    read_back_at: at(2),
    policy_name: policyName,
    policy: revokingPolicy(past.cutoff),
    failure: null,
    hits,
  };
}

function entriesOf(row: PastRow): NewEntry[] {
  const { revocation_id, role, asked_by, scope, reason, cutoff, frozen_until, policy_name, policy, hits } = row;
  const account = role.split(":")[4] ?? "";
  const asked = { revocation_id, person_id: asked_by, scope, account, role, reason, cutoff, frozen_until };
  return [
    { kind: "revocation.asked", at: new Date(row.asked_at), body: { ...asked, policy_name, policy, hits } },
    {
      kind: "revocation.stored",
      at: new Date(row.stored_at ?? row.asked_at),
      body: { revocation_id, role, request_id: null },
    },
    { kind: "revocation.read-back", at: new Date(row.read_back_at ?? row.asked_at), body: { revocation_id, role } },
  ];
}
