import { expect, test } from "vitest";
import { readTrail } from "#/queries/ingest/read.ts";
import type { EventStore } from "#/queries/ingest/store.ts";
import { recordMints } from "#/queries/record.ts";
import { refreshFacts } from "#/queries/refresh.ts";
import { openSource } from "#/queries/sources/open.ts";
import { emptyStore } from "./answers.ts";
import {
  type AwsRecord,
  assumeRole,
  assumeRoleDenied,
  at,
  call,
  roleArn,
  roleSession,
  trailOf,
  user,
  writeFile,
} from "./aws-records.ts";

/** Mulberry32: the same seed, the same trail. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const dayOf = (days: number): number => days * 86_400;

/** Every trap at once, on three days: few names, keys and seconds, so that they collide. */
function records(below: (n: number) => number, count: number): AwsRecord[] {
  const when = (): number => dayOf(below(3)) + below(4) * 20;
  const key = (): string => ["ASIA1", "ASIA2", "ASIA3", "MASKED"][below(4)] ?? "ASIA1";
  const role = (): string => ["One", "Two"][below(2)] ?? "One";
  const session = (): AwsRecord =>
    roleSession(role(), "s", below(6) === 0 ? null : key(), below(4) === 0 ? null : when());
  const caller = (): AwsRecord => (below(2) === 0 ? user("mara") : session());
  return Array.from({ length: count }, (_, index) => {
    const kind = below(6);
    if (kind === 0) return assumeRoleDenied(caller(), when(), roleArn(role()));
    if (kind > 2) return call(session(), when() + below(9));
    const shared = below(3) === 0 ? { sharedEventID: `shared-${below(5)}` } : {};
    const identity =
      below(5) === 0 ? { type: "AWSAccount", principalId: "AROAX:s", accountId: "444455556666" } : caller();
    return assumeRole(identity, when(), {
      role: role(),
      session: "s",
      key: key(),
      more: { ...shared, requestID: `r${index}` },
    });
  });
}

const mint = {
  mint_id: "m_1",
  person_id: "p_abcdefghijklmnop",
  account: "111122223333",
  role: roleArn("One"),
  road: "web-identity",
  outcome: "handed-over",
  intended_at: at(20),
  issued_at: at(20),
  expires_at: at(3620),
  access_key_id: "ASIA1",
  session_name: "s",
  reason: null,
} as const;

const facts = ["sessions", "issuances", "activity", "links", "uses", "coverage", "mints", "lineage"] as const;

async function all(store: EventStore): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const fact of facts)
    found[fact] = (await store.writer.rows(`select * from ${fact}`)).map((row) => JSON.stringify(row)).sort();
  return found;
}

async function readAll(store: EventStore, folder: string): Promise<void> {
  await readTrail(store, await openSource(folder), refreshFacts, { now: () => new Date("2026-11-21T12:00:00Z") });
}

test.each([1, 2, 3, 4])(
  "files in any order end in the facts of one recompute (seed %s)",
  async (seed) => {
    const below = random(seed);
    const files = Array.from({ length: 7 }, () => records(below, 8));
    // The second delivery of a file, and a duplicate that differs from its first.
    files.push(files[2] ?? []);
    files.push((files[4] ?? []).slice(0, 3).map((record) => ({ ...record, sourceIPAddress: "198.51.100.7" })));

    const whole = await emptyStore();
    await readAll(whole, trailOf(...files));
    await recordMints(whole.writer, [mint]);

    const arriving = await emptyStore();
    const folder = trailOf();
    const order = files.map((_, place) => place);
    for (let left = order.length; left > 1; left -= 1) {
      const other = below(left);
      const one = order[left - 1] ?? 0;
      order[left - 1] = order[other] ?? 0;
      order[other] = one;
    }
    for (const [turn, place] of order.entries()) {
      writeFile(folder, place, files[place] ?? []);
      if (below(3) > 0 || turn === order.length - 1) await readAll(arriving, folder);
      if (turn === 3) await recordMints(arriving.writer, [mint]);
    }
    const wanted = await all(whole);
    expect(await all(arriving)).toEqual(wanted);
    expect(wanted["sessions"]?.length).toBeGreaterThan(5);

    // Everything anew changes nothing.
    await refreshFacts(arriving.writer, { days: [], events: 0, everything: true });
    expect(await all(arriving)).toEqual(wanted);
    whole.close();
    arriving.close();
  },
  300_000,
);
