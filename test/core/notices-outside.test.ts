import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tellOutside } from "#/core/notices-outside.ts";
import type { Notice, Notify } from "#/core/notify.ts";
import type { Store } from "#/core/store/index.ts";
import { openLibsqlStore } from "#/core/store/libsql.ts";
import type { OutsideWay } from "#/core/trail.ts";
import { keepCompleteUpTo } from "#/core/trail-standing.ts";

const way = (more: Partial<OutsideWay> = {}): OutsideWay => ({
  caller: "arn:aws:iam::111122223333:user/etl-loader",
  role: "arn:aws:iam::111122223333:role/service/Operator",
  made_by: "AssumeRole",
  sessions: 1,
  first_at: "2026-11-21T10:00:00Z",
  ...more,
});

let folder: string;
let store: Store;
let at: Date;
let told: Notice[];
let asked: string[];
let seen: readonly OutsideWay[];

beforeEach(() => {
  at = new Date("2026-11-21T09:00:00.250Z");
  [told, asked, seen] = [[], [], []];
  folder = mkdtempSync(path.join(tmpdir(), "roletrail-notices-"));
  store = openLibsqlStore(path.join(folder, "store.db"), { now: () => at.getTime() });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const later = (minutes: number): void => {
  at = new Date(at.getTime() + minutes * 60_000);
};
const run = (notify: Notify = async (notice) => void told.push(notice)) =>
  tellOutside({
    store,
    notify,
    trail: {
      outsideSince: async (since) => {
        asked.push(since);
        return seen;
      },
    },
    url: "https://roletrail.example.com",
    now: () => at,
  });
/** The facts function took in more of the trail. */
const moved = (): Promise<void> => keepCompleteUpTo(store, at.toISOString());

test("a way into a role past the broker is told once a day, and nothing of what was before the first run", async () => {
  expect(await run()).toBe(0);
  await moved();
  seen = [way({ first_at: "2026-11-21T08:00:00Z" })];
  expect(await run()).toBe(0);
  expect(asked).toEqual([]);
  seen = [way()];
  later(70);
  await moved();
  expect(await run()).toBe(1);
  expect(asked).toEqual(["2026-11-21T09:00:00Z"]);
  expect(told).toEqual([
    {
      subject: "Roletrail: Operator outside the broker",
      text: `arn:aws:iam::111122223333:user/etl-loader has arn:aws:iam::111122223333:role/service/Operator: issued by AssumeRole, which Roletrail did not call; one session, the first at 2026-11-21T10:00:00Z.
The same caller and role are told again after a day.
https://roletrail.example.com/trail/sessions-outside-the-broker?role=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fservice%2FOperator`,
    },
  ]);
  later(5);
  await moved();
  expect(await run()).toBe(0);
  seen = [way({ made_by: "unknown", caller: "line\nbreak" })];
  later(5);
  await moved();
  expect(await run()).toBe(1);
  expect(told[1]?.text).toMatch(/^line break has .*: no call that issued it is in the log; one session/);
  later(25 * 60);
  seen = [way()];
  await moved();
  expect(await run()).toBe(1);
  // The window is a day: nothing is looked for that was told.
  expect(asked.at(-1)).toBe("2026-11-21T11:20:00Z");
});

test("the trail is asked when it moved on, and not by the minute", async () => {
  await moved();
  for (let minute = 0; minute < 3; minute += 1) await run();
  expect(asked).toEqual([]);
  later(5);
  await moved();
  for (let minute = 0; minute < 3; minute += 1) await run();
  expect(asked).toHaveLength(1);
});

test("what could not be told is told by the next run; a flood is one message", async () => {
  await moved();
  await run();
  later(5);
  await moved();
  seen = Array.from({ length: 21 }, (_, n) => way({ caller: `arn:aws:iam::111122223333:user/u${n}` }));
  const refuse = async (): Promise<void> => {
    throw new Error("SNS is away");
  };
  await expect(run(refuse)).rejects.toThrow("SNS is away");
  expect(await run()).toBe(21);
  expect(told.map(({ subject }) => subject)).toEqual(["Roletrail: 21 ways into roles outside the broker"]);
});
