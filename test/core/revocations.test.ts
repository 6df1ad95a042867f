import { describe, expect, test } from "vitest";
import { sessionId } from "#/core/ids.ts";
import type { MintRow } from "#/core/mint/rows.ts";
import { countsOf, revokedSessions } from "#/core/revocations.ts";
import type { CallAfter, LiveSession, Trail } from "#/core/trail.ts";

const role = "arn:aws:iam::111122223333:role/DataAnalyst";
const revoked = {
  role,
  asked_at: "2026-11-21T09:30:00.200Z",
  stored_at: "2026-11-21T09:30:00.900Z",
  cutoff: "2026-11-21T09:30:31Z",
};
const late = "2026-11-21T10:00:00Z";

const session = (id: string, more: Partial<LiveSession> = {}): LiveSession => ({
  session_id: id,
  access_key_id: `ASIA${id}`,
  origin: "broker",
  caller: "somebody",
  session_name: "somebody",
  source_identity: null,
  mint_id: null,
  issued_at: "2026-11-21T09:00:00Z",
  expires_at: "2026-11-21T21:00:00Z",
  last_call_at: null,
  calls: 1,
  parent_session_id: null,
  ...more,
});
const call = (more: Partial<CallAfter> = {}): CallAfter => ({
  session_id: "a",
  event_id: "e1",
  happened_at: "2026-11-21T09:31:00Z",
  source: "iam.amazonaws.com",
  name: "ListRoles",
  outcome: "denied",
  error_code: "AccessDenied",
  error_message:
    "User: x is not authorized to perform: iam:ListRoles with an explicit deny in an identity-based policy",
  direct: true,
  ...more,
});
const trailOf = (sessions: LiveSession[], calls: CallAfter[], completeUpTo: string | null): Trail => ({
  completeUpTo: async () => completeUpTo,
  liveSessionsOf: async () => sessions,
  callsAfter: async (ids, since) => calls.filter((one) => ids.includes(one.session_id) && one.happened_at >= since),
});
const stateOf = async (calls: CallAfter[], completeUpTo: string | null = late, more: Partial<LiveSession> = {}) => {
  const found = await revokedSessions(revoked, {
    trail: trailOf([session("a", more)], calls, completeUpTo),
    minted: [],
    now: new Date("2026-11-21T10:00:00Z"),
  });
  return found[0]?.state;
};

describe("the state of a session that a revocation hits", () => {
  test.each([
    ["denied by an explicit deny in an identity-based policy", [call()], "bitten"],
    [
      "the same with the policy's ARN behind it",
      [call({ error_message: "… with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/X" })],
      "bitten",
    ],
    ["in the very second the policy was stored", [call({ happened_at: "2026-11-21T09:30:00Z" })], "bitten"],
    [
      "denied because nothing allows it",
      [call({ error_message: "… because no identity-based policy allows the iam:ListRoles action" })],
      "denied-otherwise",
    ],
    [
      "denied for want of a right to an object that is named like a deny",
      [
        call({
          error_message:
            'User: x is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/k with an explicit deny in an identity-based policy" because no identity-based policy allows the s3:GetObject action',
        }),
      ],
      "denied-otherwise",
    ],
    [
      "denied by an SCP",
      [call({ error_message: "… with an explicit deny in a service control policy" })],
      "denied-otherwise",
    ],
    [
      "denied by a bucket's policy",
      [call({ error_message: "… with an explicit deny in a resource-based policy" })],
      "denied-otherwise",
    ],
    [
      "denied by a boundary",
      [call({ error_message: "… with an explicit deny in a permissions boundary" })],
      "denied-otherwise",
    ],
    ["denied without a message", [call({ error_message: null })], "denied-otherwise"],
    ["no call since", [], "quiet"],
    [
      "allowed within five minutes of the cutoff",
      [call({ outcome: "ok", happened_at: "2026-11-21T09:35:31Z" })],
      "quiet",
    ],
    ["allowed later than that", [call({ outcome: "ok", happened_at: "2026-11-21T09:35:32Z" })], "leaked"],
    [
      "allowed later than that, after a bite",
      [call(), call({ outcome: "ok", happened_at: "2026-11-21T09:50:00Z" })],
      "leaked",
    ],
    [
      "GetCallerIdentity, which AWS never denies",
      [
        call({
          outcome: "ok",
          source: "sts.amazonaws.com",
          name: "GetCallerIdentity",
          happened_at: "2026-11-21T09:50:00Z",
        }),
      ],
      "quiet",
    ],
    [
      "a call that a service made for it",
      [call({ outcome: "ok", direct: false, happened_at: "2026-11-21T09:50:00Z" })],
      "quiet",
    ],
    ["a call that failed for another reason", [call({ outcome: "failed", error_message: "NoSuchEntity" })], "quiet"],
  ] as const)("%s: %s", async (_name, calls, state) => {
    expect(await stateOf([...calls])).toBe(state);
  });

  test("waits until the trail is complete past the cutoff, then is quiet", async () => {
    expect(await stateOf([], null)).toBe("waiting");
    expect(await stateOf([], "2026-11-21T09:30:31Z")).toBe("waiting");
    expect(await stateOf([], "2026-11-21T09:30:32Z")).toBe("quiet");
  });

  test("with allowed calls in the minutes after, waits until a leak could be seen", async () => {
    const early = [call({ outcome: "ok", happened_at: "2026-11-21T09:31:00Z" })];
    expect(await stateOf(early, "2026-11-21T09:33:00Z")).toBe("waiting");
    expect(await stateOf(early, "2026-11-21T09:36:00Z")).toBe("quiet");
  });

  test("expired only when the trail is complete past its end", async () => {
    const ended = { expires_at: "2026-11-21T09:45:00Z" };
    expect(await stateOf([], late, ended)).toBe("expired");
    expect(await stateOf([], "2026-11-21T09:40:00Z", ended)).toBe("quiet");
  });

  test("is the bite's own event, with its words", async () => {
    const found = await revokedSessions(revoked, {
      trail: trailOf([session("a")], [call()], late),
      minted: [],
      now: new Date(late),
    });
    expect(found[0]?.evidence).toMatchObject({ event_id: "e1", name: "ListRoles" });
  });
});

describe("whom it hits", () => {
  const minted = (more: Partial<MintRow> = {}): MintRow => ({
    mint_id: "m_1",
    person_id: "p_aaaaaaaaaaaaaaaa",
    account: "111122223333",
    role,
    road: "web-identity",
    seconds: 3600,
    reason: null,
    session_policy: null,
    session_name: "somebody",
    source_identity: null,
    outcome: "handed-over",
    intended_at: "2026-11-21T09:29:00.000Z",
    issued_at: "2026-11-21T09:29:00Z",
    expires_at: "2026-11-21T10:29:00Z",
    access_key_id: "ASIAminted",
    principal_id: "AROAX:somebody",
    ledger: { shard: "mint-1", seq: 1, hash: "" },
    ...more,
  });
  const hit = (sessions: LiveSession[], mints: MintRow[], trail = true) =>
    revokedSessions(revoked, { trail: trail ? trailOf(sessions, [], null) : null, minted: mints, now: new Date(late) });

  test("sessions issued before the cutoff, those of an unknown time too, none from the cutoff on", async () => {
    const found = await hit(
      [
        session("a"),
        session("b", { issued_at: null }),
        session("c", { issued_at: "2026-11-21T09:30:30Z" }),
        session("d", { issued_at: revoked.cutoff }),
      ],
      [],
    );
    expect(found.map(({ session_id }) => session_id)).toEqual(["a", "b", "c"]);
  });

  test("a mint the trail has not shown yet is hit, under the id it will have there", async () => {
    const [found] = await hit([], [minted()]);
    expect(found).toMatchObject({ session_id: sessionId("AROAX:somebody", "2026-11-21T09:29:00Z"), state: "waiting" });
    expect(await hit([], [minted()], false)).toHaveLength(1);
  });

  test("a mint the trail shows counts once; one that was refused or has ended, never", async () => {
    expect(await hit([session("a", { access_key_id: "ASIAminted" })], [minted()])).toHaveLength(1);
    expect(
      await hit([], [minted({ outcome: "refused" }), minted({ expires_at: "2026-11-21T09:29:59Z" })]),
    ).toHaveLength(0);
  });

  test("a withheld credential is hit as well: its key exists", async () => {
    expect(await hit([], [minted({ outcome: "withheld" })])).toHaveLength(1);
  });
});

test("counts keep what cannot be seen yet apart from what is quiet", async () => {
  const trail = trailOf([session("a"), session("b")], [call()], "2026-11-21T09:30:00Z");
  const found = await revokedSessions(revoked, { trail, minted: [], now: new Date(late) });
  expect(countsOf(found)).toMatchObject({ sessions: 2, bitten: 1, quiet: 0, waiting: 1 });
});

test("counts say k of n", async () => {
  const found = await revokedSessions(revoked, {
    trail: trailOf(
      [session("a"), session("b"), session("c")],
      [call(), call({ session_id: "b", outcome: "ok", happened_at: "2026-11-21T09:59:00Z" })],
      late,
    ),
    minted: [],
    now: new Date(late),
  });
  expect(countsOf(found)).toEqual({
    sessions: 3,
    bitten: 1,
    denied_otherwise: 0,
    quiet: 1,
    waiting: 0,
    expired: 0,
    leaked: 1,
  });
});
