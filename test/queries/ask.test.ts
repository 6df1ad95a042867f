import { afterAll, beforeAll, expect, test } from "vitest";
import { Refusal } from "#/core/refusal.ts";
import { Desk } from "#/queries/ask.ts";
import { DuckdbEngine } from "#/queries/engines/duckdb-engine.ts";
import { refreshFacts } from "#/queries/refresh.ts";
import { seesAll, type Viewer } from "#/queries/viewer.ts";
import { keyOf, type Place, packed, place, put, read, record } from "./ingest/trail.ts";

const mara = "p_abcdefghijklmnop";
const [data, web] = ["111122223333", "444455556666"];

let at: Place;
let desk: Desk;
let watermark = 0;

/** Mara's session in the data account and somebody else's in the web account, with a call each. */
beforeAll(async () => {
  at = await place();
  const issue = (account: string, key: string, person: string, at: string) =>
    record(`issue-${account}`, {
      eventTime: at,
      eventSource: "sts.amazonaws.com",
      eventName: "AssumeRole",
      recipientAccountId: account,
      requestParameters: {
        roleArn: `arn:aws:iam::${account}:role/Reader`,
        roleSessionName: person,
        sourceIdentity: person,
      },
      responseElements: {
        credentials: { accessKeyId: key, expiration: "Nov 20, 2026, 10:00:00 AM" },
        assumedRoleUser: {
          assumedRoleId: `AROA${account}:${person}`,
          arn: `arn:aws:sts::${account}:assumed-role/Reader/${person}`,
        },
        sourceIdentity: person,
      },
    });
  const use = (account: string, key: string, person: string, created: string) =>
    record(`use-${account}`, {
      eventTime: "2026-11-20T09:30:00Z",
      recipientAccountId: account,
      userIdentity: {
        type: "AssumedRole",
        principalId: `AROA${account}:${person}`,
        arn: `arn:aws:sts::${account}:assumed-role/Reader/${person}`,
        accountId: account,
        accessKeyId: key,
        sessionContext: {
          sessionIssuer: { type: "Role", arn: `arn:aws:iam::${account}:role/Reader` },
          attributes: { creationDate: created, mfaAuthenticated: "false" },
          sourceIdentity: person,
        },
      },
    });
  for (const [account, person] of [
    [data, mara],
    [web, "p_zzzzzzzzzzzzzzzz"],
  ] as const) {
    const [key, created] = [`ASIA${account}`, "2026-11-20T09:00:00Z"];
    put(
      at,
      keyOf("aaaaaaaaaaaaaaaa", "2026/11/20", account),
      packed([issue(account, key, person, created), use(account, key, person, created)]),
    );
  }
  put(at, keyOf("bbbbbbbbbbbbbbbb", "2026/11/20", web), "not json");
  await read(at, refreshFacts);
  desk = new Desk(
    new DuckdbEngine({ engine: at.store.engine, watermark: () => watermark, bytes: () => at.store.bytes() }),
  );
});
afterAll(() => at.store.close());

const ask = (viewer: Viewer, question: string, params: Record<string, string | null> = {}, whole = false) =>
  desk.ask(viewer, { question, params, whole });
const column = async (viewer: Viewer, question: string, name: string) =>
  (await ask(viewer, question)).rows.map((row) => row[name]);

test("who sees all sees each session; an answer says what it stands on", async () => {
  const answer = await ask(seesAll, "sessions");
  expect(answer.rows).toHaveLength(2);
  expect(answer).toMatchObject({ accounts: 2, events: 4, complete_up_to: "2026-11-20T09:30:00Z", cached: false });
});

test("who sees one account sees nothing of another: sessions, roles, files, counts", async () => {
  const viewer: Viewer = { accounts: [data], person: null };
  expect(await column(viewer, "sessions", "account")).toEqual([data]);
  expect(await column(viewer, "who-assumed-which-role", "role")).toEqual([`arn:aws:iam::${data}:role/Reader`]);
  expect((await ask(viewer, "trail-summary")).rows[0]).toMatchObject({
    records: 2,
    files: 1,
    unreadable_files: 0,
    accounts: 1,
  });
  expect((await ask(seesAll, "trail-summary")).rows[0]).toMatchObject({ records: 4, files: 3, unreadable_files: 1 });
  const [other] = (await ask(seesAll, "sessions")).rows.filter((row) => row["account"] === web);
  expect((await ask(viewer, "session-calls", { session: String(other?.["session_id"]) })).rows).toEqual([]);
});

test("no account and no person is nothing at all", async () => {
  await expect(ask({ accounts: [], person: null }, "sessions")).rejects.toThrow(Refusal);
});

test("who sees their own asks no question about accounts", async () => {
  const viewer: Viewer = { accounts: [], person: mara };
  await expect(ask(viewer, "trail-summary")).rejects.toMatchObject({ code: "question.unknown" });
  await expect(ask(viewer, "no-such-question")).rejects.toMatchObject({ code: "question.unknown" });
});

test("who sees their own alone is told how far it reaches, and no number of others", async () => {
  const answer = await ask({ accounts: [], person: mara }, "sessions");
  expect(answer).toMatchObject({ complete_up_to: "2026-11-20T09:30:00Z", accounts: 0, events: 0 });
});

test("an answer is kept until the trail moves on, and never for another's limits", async () => {
  watermark += 1;
  expect((await ask(seesAll, "denied-assumptions")).cached).toBe(false);
  expect((await ask(seesAll, "denied-assumptions")).cached).toBe(true);
  expect((await ask({ accounts: [data], person: null }, "denied-assumptions")).cached).toBe(false);
  watermark += 1;
  expect((await ask(seesAll, "denied-assumptions")).cached).toBe(false);
});

test("a page without a window looks at the 30 days before the newest event, a whole answer at all", async () => {
  expect((await ask(seesAll, "sessions")).since).toBe("2026-10-21T09:30:00Z");
  expect((await ask(seesAll, "sessions", { since: null })).since).toBeNull();
  expect((await ask(seesAll, "sessions", {}, true)).since).toBeNull();
});

test("a time is taken in any form of RFC 3339, and a day that is none is refused", async () => {
  for (const until of ["2026-11-21T11:30:00+02:00", "2026-11-21T09:30:00.000000000Z", "2026-11-21t09:30:00z"])
    expect((await ask(seesAll, "sessions", { until })).until, until).toBe("2026-11-21T09:30:00Z");
  for (const until of [
    "2026-02-30T00:00:00Z",
    "2026-11-21T09:30:00",
    "2026-13-01T00:00:00Z",
    "0000-01-01T00:00:00+05:00",
  ])
    await expect(ask(seesAll, "sessions", { until }), until).rejects.toMatchObject({ code: "question.params" });
});

test("a grain that is none is a day, no fault of ours", async () => {
  const days = await ask(seesAll, "assumptions-over-time");
  for (const grain of ["", "week'", "extract"])
    expect((await ask(seesAll, "assumptions-over-time", { grain })).rows, grain).toEqual(days.rows);
});

test("a parameter that is none, or of another type, is refused with what would help", async () => {
  await expect(ask(seesAll, "sessions", { nope: "1" })).rejects.toMatchObject({ code: "question.params" });
  await expect(ask(seesAll, "sessions", { since: "yesterday" })).rejects.toMatchObject({
    code: "question.params",
    help: "For example since=2026-11-21T09:30:00Z.",
  });
  expect((await ask(seesAll, "sessions", { role: "x' or '1'='1" })).rows).toEqual([]);
});
