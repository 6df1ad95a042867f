import type { NewEntry } from "#/core/ledger.ts";
import { accounts } from "./accounts.ts";
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

/** Roletrail's revocations of the past: the revoker's calls in the trail, and the ledger's lines. */
export function tellRevocations(stage: Stage, random: Random, calendar: Calendar, broker: Broker): NewEntry[] {
  return calendar.revocations.flatMap((past) => {
    const revoker = takeRevoker(stage, random, past);
    if (revoker !== null) write(stage, revoker, past);
    return entriesOf(past, broker, hitsOf(stage, past));
  });
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

function entriesOf(past: PastRevocation, broker: Broker, hits: number): NewEntry[] {
  const person = cast.find(({ name }) => name === past.by);
  if (person === undefined) throw new Error(`nobody of the cast is ${past.by}`);
  const { id: revocation_id, role, cutoff } = past;
  const at = (after: number): Date => new Date((past.askedAt + after) * 1000 + 130);
  return [
    {
      kind: "revocation.asked",
      at: at(0),
      body: {
        revocation_id,
        person_id: broker.personId(person),
        scope: "role",
        account: accounts[role.account],
        role: role.arn,
        reason: past.reason,
        cutoff: isoOf(cutoff),
        frozen_until: isoOf(cutoff + 1),
        policy_name: policyName,
        policy: revokingPolicy(cutoff),
        hits,
      },
    },
    { kind: "revocation.stored", at: at(1), body: { revocation_id, role: role.arn, request_id: null } },
    { kind: "revocation.read-back", at: at(2), body: { revocation_id, role: role.arn } },
  ];
}
