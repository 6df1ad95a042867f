import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type NewEntry, openLedger, readLedger, shardsOf } from "#/core/ledger.ts";
import { closeUnknown } from "#/core/mint/close.ts";
import { openMints } from "#/core/mint/rows.ts";
import type { Store } from "#/core/store/index.ts";
import type { Trail } from "#/core/trail.ts";
import { type DynamoServer, startDynalite } from "../store/dynamo-servers.ts";
import { newTables, storeOn } from "../store/dynamo-tables.ts";

/** As on AWS: many writers, each its own chain, and a sweep with a chain of its own that is read before theirs. */
let dynamo: DynamoServer;
let store: Store;
const began = Date.parse("2026-11-21T09:30:00Z");
const now = (): Date => new Date(began);
beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.stop());
beforeEach(async () => {
  store = storeOn(dynamo.endpoint, await newTables(dynamo.endpoint));
});

const intended = (mint_id: string): NewEntry => ({
  kind: "mint.intended",
  body: {
    mint_id,
    person_id: "p_x",
    account: "111122223333",
    role: "arn:aws:iam::111122223333:role/DataAnalyst",
    road: "web-identity",
    seconds: 900,
    reason: null,
    grant: "g",
    session_name: "x",
    source_identity: null,
    session_policy: null,
    tags: {},
    via: "browser",
  },
});
const closed = (mint_id: string): NewEntry => ({
  kind: "mint.closed",
  body: { mint_id, outcome: "failed", why: "w", access_key_id: null, issued_at: null, expires_at: null },
});

test("an outcome that is read before its intent is not lost, in one reading or in two", async () => {
  const sweep = openLedger(store, "a-sweep-1", now);
  await sweep.append(closed("m_1"));
  await sweep.append(closed("m_2"));
  await openLedger(store, "mint-1", now).append(intended("m_1"));
  const mints = openMints(store);
  expect((await mints.refresh()).map(({ mint_id, outcome }) => `${mint_id} ${outcome}`)).toEqual(["m_1 failed"]);
  await openLedger(store, "mint-2", now).append(intended("m_2"));
  expect((await mints.refresh()).map(({ mint_id, outcome }) => `${mint_id} ${outcome}`)).toEqual(["m_2 failed"]);
  expect(mints.ofRole("arn:aws:iam::111122223333:role/DataAnalyst").map(({ mint_id }) => mint_id)).toEqual([
    "m_1",
    "m_2",
  ]);
  expect(await mints.refresh()).toEqual([]);
});

test("a function that died between intent and outcome leaves what the sweep closes, once, in a chain of its own", async () => {
  await openLedger(store, "mint-7", now).append(intended("m_1"));
  const trail = {
    completeUpTo: async () => "2026-11-21T10:30:00Z",
    liveSessionsOf: async () => [],
  } as unknown as Trail;
  const later = (): Date => new Date(began + 3_600_000);
  const sweep = () =>
    closeUnknown({ mints: openMints(store), ledger: openLedger(store, "sweep-3", later), trail, now: later });
  expect(await sweep()).toBe(1);
  expect(await sweep()).toBe(0);
  expect(await shardsOf(store)).toEqual(["mint-7", "sweep-3"]);
  expect((await readLedger(store, "sweep-3", 0, 10)).map(({ kind }) => kind)).toEqual(["mint.closed"]);
});
