import { federated, object, session, user } from "../people.ts";
import type { Case } from "../table.ts";

const all = [{ Action: "*" }];
const read = { does: "s3:GetObject", on: object };
const denies = (Condition: object) => [{ Effect: "Deny", Action: ["*"], Resource: ["*"], Condition }];
const older = (cutoff: string) => ({
  Admin: all,
  AWSRevokeOlderSessions: denies({ DateLessThan: { "aws:TokenIssueTime": cutoff } }),
});
const issued = (at: string, more: object = {}) => ({ "aws:TokenIssueTime": at, ...more });
const revoked = { denied: "identity", by: "AWSRevokeOlderSessions" } as const;
const cutoff = "2026-11-21T10:00:00.000Z";
const person = {
  Admin: all,
  RoletrailRevokePeople: denies({
    StringEquals: { "aws:SourceIdentity": ["p_mara", "p_teo"] },
    DateLessThan: { "aws:TokenIssueTime": cutoff },
  }),
};
const one = {
  Admin: all,
  RoletrailRevokeSessions: denies({ StringEquals: { "aws:PrincipalTag/RoletrailMint": ["m_01"] } }),
};

// biome-ignore format: one case a line
export const revocationCases: readonly Case[] = [
  { name: "a session from before the cutoff is denied", as: session, ...read, identity: older(cutoff), with: issued("2026-11-21T09:59:59Z"), is: revoked, says: "with an explicit deny in an identity-based policy" },
  { name: "a session from the cutoff itself is not", as: session, ...read, identity: older(cutoff), with: issued("2026-11-21T10:00:00Z"), is: "allowed" },
  { name: "a session from after the cutoff is not", as: session, ...read, identity: older(cutoff), with: issued("2026-11-21T10:00:01Z"), is: "allowed" },
  { name: "a session of the same second as a cutoff in milliseconds is denied: issue times are whole seconds", as: session, ...read, identity: older("2026-11-21T10:00:00.409Z"), with: issued("2026-11-21T10:00:00Z"), is: revoked },
  { name: "a session of the next second passes a cutoff in milliseconds", as: session, ...read, identity: older("2026-11-21T10:00:00.409Z"), with: issued("2026-11-21T10:00:01Z"), is: "allowed" },
  { name: "long-term keys carry no issue time and are not hit", as: user, ...read, identity: older(cutoff), is: "allowed" },
  { name: "a federated session is hit by its issue time too", as: federated, ...read, identity: older(cutoff), session: [all], with: issued("2026-11-21T09:00:00Z"), is: revoked },
  { name: "every action is denied, not only the one that was seen", as: session, does: "iam:ListRoles", identity: older(cutoff), with: issued("2026-11-21T09:00:00Z"), is: revoked },
  { name: "the deny bites whatever its policy is called", as: session, ...read, identity: { Admin: all, anything: denies({ DateLessThan: { "aws:TokenIssueTime": cutoff } }) }, with: issued("2026-11-21T09:00:00Z"), is: { denied: "identity", by: "anything" } },
  { name: "the deny bites through a bucket policy that names the session", as: session, ...read, identity: older(cutoff), resource: [{ Principal: { AWS: session.arn }, Action: "*" }], with: issued("2026-11-21T09:00:00Z"), is: revoked },
  { name: "a cutoff with an offset is the same instant", as: session, ...read, identity: older("2026-11-21T12:00:00+02:00"), with: issued("2026-11-21T09:59:59Z"), is: revoked },
  { name: "a cutoff in epoch seconds is the same instant", as: session, ...read, identity: older("1795255200"), with: issued("2026-11-21T09:59:59Z"), is: revoked },
  { name: "a cutoff in epoch seconds spares what came at it", as: session, ...read, identity: older("1795255200"), with: issued("2026-11-21T10:00:00Z"), is: "allowed" },
  { name: "a person is denied by source identity, in every role that holds the policy", as: session, ...read, identity: person, with: issued("2026-11-21T09:00:00Z", { "aws:SourceIdentity": "p_mara" }), is: { denied: "identity", by: "RoletrailRevokePeople" } },
  { name: "another person in the same role is not", as: session, ...read, identity: person, with: issued("2026-11-21T09:00:00Z", { "aws:SourceIdentity": "p_ilse" }), is: "allowed" },
  { name: "a session without a source identity is not hit by a person's revocation", as: session, ...read, identity: person, with: issued("2026-11-21T09:00:00Z"), is: "allowed" },
  { name: "the person comes back after the cutoff", as: session, ...read, identity: person, with: issued("2026-11-21T10:00:01Z", { "aws:SourceIdentity": "p_mara" }), is: "allowed" },
  { name: "one session is denied by its mint's tag", as: session, ...read, identity: one, is: { denied: "identity", by: "RoletrailRevokeSessions" } },
  { name: "another mint of the same person lives on", as: { ...session, tags: { RoletrailMint: "m_02" } }, ...read, identity: one, is: "allowed" },
  { name: "a tag's key compares in any case", as: { ...session, tags: { ROLETRAILMINT: "m_01" } }, ...read, identity: one, is: { denied: "identity", by: "RoletrailRevokeSessions" } },
  { name: "one session is denied by its user id", as: session, ...read, identity: { Admin: all, One: denies({ StringLike: { "aws:userid": "*:mara.k7" } }) }, is: { denied: "identity", by: "One" } },
];
