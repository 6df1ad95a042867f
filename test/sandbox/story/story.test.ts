import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { AccessFile } from "#/core/access.ts";
import type { Places } from "#/core/config.ts";
import { type Entry, readLedger, verifyLedger } from "#/core/ledger.ts";
import type { Body, Kind } from "#/core/ledger-kinds.ts";
import { namesOf } from "#/core/people.ts";
import { revocations } from "#/core/revoke.ts";
import { openLibsqlStore } from "#/core/store/libsql.ts";
import type { Organisation } from "#/sandbox/aws/state.ts";
import { cast } from "#/sandbox/story/cast.ts";
import { incident } from "#/sandbox/story/incident.ts";
import type { StoryTruth } from "#/sandbox/story/truth.ts";
import { hashOfTrail, recordsOf, type Seen, toldWorld, trailFiles, truthOf } from "./told.ts";

let places: Places;
let truth: StoryTruth;
let state: Organisation;
let files: string[];
/** By eventID and account, first copy. */
const distinct = new Map<string, Seen>();
let records = 0;
let bytes = 0;
const faults: string[] = [];

beforeAll(async () => {
  places = await toldWorld();
  truth = truthOf(places);
  state = JSON.parse(readFileSync(path.join(places.world, "aws.json"), "utf8"));
  files = trailFiles(places);
  for (const { file, records: some } of recordsOf(places, files)) {
    const inFile = new Set<string>();
    for (const record of some) {
      records += 1;
      const key = `${record.eventID} ${record.recipientAccountId}`;
      if (inFile.has(key)) faults.push(`${file}: ${record.eventID} twice in one file`);
      inFile.add(key);
      if (!distinct.has(key)) {
        distinct.set(key, record);
        if (distinct.size <= 20_000) bytes += JSON.stringify(record).length;
        faults.push(...faultsOf(record).map((fault) => `${file}: ${record.eventName} ${record.eventID}: ${fault}`));
      }
    }
  }
}, 300_000);

afterAll(() => rmSync(places.home, { recursive: true, force: true }));

const addresses = /^(?:192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:|[a-z0-9-]+\.amazonaws\.com$|AWS Internal$)/;

/** What is wrong with the shape of a record, by facts and not by our own code. */
function faultsOf(record: Seen): string[] {
  const wrong: string[] = [];
  const must = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(what);
  };
  const { userIdentity: who } = record;
  must(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(record.eventID), "eventID");
  must(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(record.eventTime), `eventTime ${record.eventTime}`);
  must(/^\d{12}$/.test(record.recipientAccountId), "recipientAccountId");
  must(addresses.test(record.sourceIPAddress), `address ${record.sourceIPAddress}`);
  must(record.eventSource.endsWith(".amazonaws.com"), "eventSource");
  must(typeof record["readOnly"] === "boolean" && record["managementEvent"] === true, "readOnly, managementEvent");
  must(record["eventCategory"] === "Management" && typeof record["eventType"] === "string", "category, type");
  if (who.type === "AssumedRole") {
    must(/^AROA[A-Z2-7]{17}:.{2,64}$/.test(who.principalId ?? ""), "principalId");
    must(who.arn === undefined || /^arn:aws:sts::\d{12}:assumed-role\/[^/]+\/[^/]+$/.test(who.arn), "session arn");
  }
  if (who.type === "AWSAccount") must(who.arn === undefined && who.accessKeyId === undefined, "foreign caller bare");
  if (record.eventName.startsWith("AssumeRole")) {
    const { errorCode, requestParameters, responseElements } = record;
    if (errorCode === undefined) {
      must(/^ASIA[A-Z2-7]{16}$/.test(responseElements?.credentials?.accessKeyId ?? ""), "issued key");
      must(typeof requestParameters?.["roleArn"] === "string", "roleArn");
    } else if (record.eventName === "AssumeRole") {
      must(
        requestParameters === null && record.resources === undefined,
        "a refusal names its role in the message only",
      );
    }
  }
  return wrong;
}

/** The ledger's bodies of one kind; only the story has written here. */
const bodiesOf = <K extends Kind>(entries: readonly Entry[], kind: K): Body<K>[] =>
  entries.filter((entry) => entry.kind === kind).map(({ body }) => body as Body<K>);

const events = (): Seen[] => [...distinct.values()];

describe("the story of the sandbox", () => {
  test("is as large as it must be", () => {
    expect(state.accounts.length).toBeGreaterThanOrEqual(5);
    expect(state.accounts.flatMap((account) => account.roles).length).toBeGreaterThanOrEqual(30);
    expect(cast.length).toBeGreaterThanOrEqual(40);
    expect(distinct.size).toBeGreaterThanOrEqual(200_000);
    expect(truth.sessions.some(({ hops }) => hops === 4)).toBe(true);
    expect(files.length).toBeGreaterThan(2_000);
    const sizes = files
      .map((file) => statSync(path.join(places.s3, state.trailBucket, file)).size)
      .sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThan(20_000);
  });

  test("has only records of the right shape, never one twice in a file", () => {
    expect(faults.slice(0, 10)).toEqual([]);
    const mean = bytes / Math.min(distinct.size, 20_000);
    expect(mean).toBeGreaterThan(1_000);
    expect(mean).toBeLessThan(2_300);
  });

  test("ends at the UTC midnight before the start and lasts thirty days", () => {
    expect([truth.since, truth.until]).toEqual(["2026-10-22T00:00:00Z", "2026-11-21T00:00:00Z"]);
    const times = events().map(({ eventTime }) => eventTime);
    const first = times.reduce((a, b) => (a < b ? a : b));
    const last = times.reduce((a, b) => (a > b ? a : b));
    expect([truth.first_event_at, truth.last_event_at]).toEqual([first, last]);
    expect(first >= truth.since && last < truth.until).toBe(true);
    expect(files.every((file) => (file.match(/_(\d{8})T\d{4}Z_/)?.[1] ?? "9") < "20261121")).toBe(true);
  });

  test("counts itself as a plain loop over the files does", () => {
    expect(truth.records).toBe(records);
    expect(truth.distinct_events).toBe(distinct.size);
    expect(truth.duplicates).toBe(records - distinct.size);
    expect(truth.files).toBe(files.length);
    const denied = events().filter(({ errorCode }) => /AccessDenied|Unauthorized/.test(errorCode ?? ""));
    expect(truth.denied_events).toBe(denied.length);
    const logins = events().filter(({ eventName }) => eventName === "ConsoleLogin");
    const good = logins.filter(({ responseElements }) => responseElements?.ConsoleLogin === "Success");
    expect(truth.console_logins).toEqual({
      succeeded: good.length,
      failed: logins.length - good.length,
      with_mfa: good.filter(({ additionalEventData }) => additionalEventData?.MFAUsed === "Yes").length,
    });
  });

  test("knows every session that was issued, and how often it called", () => {
    const issued = new Set<string>();
    const calls = new Map<string, number>();
    for (const { responseElements, userIdentity } of events()) {
      const key = responseElements?.credentials?.accessKeyId;
      if (key !== undefined && responseElements?.ConsoleLogin === undefined && userIdentity.accessKeyId !== key)
        issued.add(key);
      const used = userIdentity.accessKeyId ?? "";
      calls.set(used, (calls.get(used) ?? 0) + 1);
    }
    const told = truth.sessions.filter(({ api }) => api !== null);
    expect(new Set(told.map(({ access_key_id }) => access_key_id))).toEqual(issued);
    expect(told).toHaveLength(issued.size);
    const wrong = told.filter((session) => session.calls !== (calls.get(session.access_key_id ?? "") ?? 0));
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  test("knows which calls under other keys belong to a session by principal and creation date", () => {
    const issued = new Set(truth.sessions.flatMap(({ access_key_id }) => access_key_id ?? []));
    const found = new Map<string, number>();
    for (const { userIdentity } of events()) {
      const created = userIdentity.sessionContext?.attributes?.creationDate;
      if (created === undefined || issued.has(userIdentity.accessKeyId ?? "")) continue;
      const key = `${userIdentity.principalId} ${created}`;
      found.set(key, (found.get(key) ?? 0) + 1);
    }
    const told = truth.sessions.filter(({ calls_by_other_keys }) => calls_by_other_keys > 0);
    expect(
      Object.fromEntries(told.map((one) => [`${one.principal_id} ${one.created_at}`, one.calls_by_other_keys])),
    ).toEqual(Object.fromEntries(found));
  });

  test("gives no two sessions of one principal the same second", () => {
    const moments = truth.sessions.map(({ principal_id, created_at }) => `${principal_id} ${created_at}`);
    expect(new Set(moments).size).toBe(moments.length);
  });

  test("counts assumptions once, whether one account or two have recorded them", () => {
    const assumptions = events().filter(({ eventName }) => eventName.startsWith("AssumeRole"));
    const ok = assumptions.filter(({ errorCode }) => errorCode === undefined);
    const merged = new Set(ok.map((event) => event.sharedEventID ?? event.eventID));
    expect(truth.edges.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(merged.size);
    const refused = assumptions.filter(({ errorCode }) => errorCode !== undefined);
    expect(new Set(truth.refused_assumptions.map(({ event_id }) => event_id))).toEqual(
      new Set(refused.map(({ eventID }) => eventID)),
    );
    expect(truth.cross_account_pairs).toBe(ok.length - merged.size);
    expect(truth.cross_account_pairs).toBeGreaterThan(100);
  });

  test("holds ids, names and ARNs that the organisation has", () => {
    const ids = new Map(
      state.accounts.flatMap(({ id, roles }) =>
        roles.map((role) => [`arn:aws:iam::${id}:role${role.path}${role.name}`, role.id]),
      ),
    );
    for (const { role, principal_id } of truth.sessions) {
      if (role !== null) expect(principal_id.split(":")[0]).toBe(ids.get(role));
    }
    const users = new Set(
      state.accounts.flatMap(({ id, users: some }) =>
        some.map((user) => `arn:aws:iam::${id}:user${user.path}${user.name} ${user.id}`),
      ),
    );
    const seen = new Set(
      events().flatMap(({ userIdentity: who }) =>
        who.type === "IAMUser" && who.arn !== undefined ? [`${who.arn} ${who.principalId}`] : [],
      ),
    );
    expect([...seen].filter((user) => !users.has(user))).toEqual([]);
  });

  test("pretends nothing about now: no session of a person lives on past the first start", () => {
    expect(truth.until <= "2026-11-21T09:42:00Z").toBe(true);
    expect(events().every(({ eventTime }) => eventTime < truth.until)).toBe(true);
  });

  test("tells the incident as it was planned", () => {
    const stolen = state.accounts.flatMap(({ users }) => users).find(({ name }) => name === incident.user)
      ?.accessKeys[0];
    expect(stolen?.active).toBe(false);
    const from = events().filter(({ sourceIPAddress }) => sourceIPAddress === incident.network);
    expect(from.length).toBeGreaterThan(80);
    const firstByRole = (name: string): number =>
      new Set(
        from
          .filter(({ eventName, requestParameters, errorCode }) => {
            return (
              eventName === "AssumeRole" &&
              errorCode === undefined &&
              String(requestParameters?.["roleArn"]).endsWith(name)
            );
          })
          .map((event) => event.sharedEventID ?? event.eventID),
      ).size;
    expect([firstByRole("/Operator"), firstByRole("/DbAdmin"), firstByRole("/BackupVault")]).toEqual([7, 6, 5]);
    const bitten = from.filter(({ errorMessage }) =>
      errorMessage?.includes("explicit deny in an identity-based policy"),
    );
    expect(bitten.length).toBeGreaterThan(0);
    expect(from.filter(({ errorCode }) => errorCode === "AccessDenied").length).toBeGreaterThan(14);
  });

  test("leaves no session leaking after a revocation", () => {
    for (const [name, cutoff] of cutoffs()) {
      const late = events().filter(({ userIdentity: who, eventTime, errorCode, eventName }) => {
        const born = who.sessionContext?.attributes?.creationDate ?? "";
        const mine = who.sessionContext?.sessionIssuer?.arn === name && born !== "" && born < cutoff;
        return mine && eventTime > cutoff && errorCode === undefined && eventName !== "GetCallerIdentity";
      });
      expect(late.map(({ eventName, eventTime }) => `${eventTime} ${eventName}`)).toEqual([]);
    }
    expect(cutoffs()).toHaveLength(4);
  });
});

function cutoffs(): (readonly [string, string])[] {
  return state.accounts.flatMap(({ id, roles }) =>
    roles.flatMap((role) => {
      const document = role.inlinePolicies["AWSRevokeOlderSessions"];
      if (document === undefined) return [];
      const at = JSON.parse(document).Statement[0].Condition.DateLessThan["aws:TokenIssueTime"];
      return [[`arn:aws:iam::${id}:role${role.path}${role.name}`, `${String(at).slice(0, 19)}Z`] as const];
    }),
  );
}

describe("the ledger's side of the story", () => {
  test("is a sound chain whose mints are the trail's broker sessions", async () => {
    const store = openLibsqlStore(places.store);
    const report = await verifyLedger(store);
    expect(report.faults).toEqual([]);
    const entries = await readLedger(store, "mint-1", 0, 100_000);
    const handed = bodiesOf(entries, "mint.handed-over");
    const keys = (list: readonly { access_key_id: string | null }[]): Set<string | null> =>
      new Set(list.map(({ access_key_id }) => access_key_id));
    const minted = truth.sessions.filter(({ origin }) => origin === "broker");
    const withheld = bodiesOf(entries, "mint.withheld");
    expect(keys([...handed, ...withheld])).toEqual(keys(minted));
    expect(truth.mints.handed_over).toBe(handed.length);
    expect(truth.mints.never_used).toBeGreaterThan(5);
    const order = entries.map(({ at }) => at);
    expect(order).toEqual([...order].sort());
    const people = new Set(bodiesOf(entries, "mint.intended").map(({ person_id }) => person_id));
    expect(people.size).toBeGreaterThanOrEqual(40);
    expect([...(await namesOf(store, [...people])).values()].sort()).toEqual(
      expect.arrayContaining(["Mara Oyelaran", "Teo Park"]),
    );
    await store.close();
  });

  test("keeps its revocations as the revoke function would, each with what it hit", async () => {
    const store = openLibsqlStore(places.store);
    const kept = await revocations(store, 10);
    expect(kept.map(({ role }) => role.slice(role.lastIndexOf("/") + 1)).sort()).toEqual([
      "BackupVault",
      "DataAnalyst",
      "DbAdmin",
      "Operator",
    ]);
    expect(kept.every(({ hits, read_back_at }) => hits > 0 && read_back_at !== null)).toBe(true);
    expect(await readLedger(store, "revoke-1", 0, 100)).toHaveLength(3 * kept.length);
    await store.close();
  });

  test("names only roles and grants that access.yaml has, for whom it grants them", async () => {
    const access = AccessFile.parse(parse(readFileSync(path.join(places.world, "access.yaml"), "utf8")));
    const store = openLibsqlStore(places.store);
    const entries = await readLedger(store, "mint-1", 0, 100_000);
    const intended = bodiesOf(entries, "mint.intended");
    const names = await namesOf(
      store,
      intended.map(({ person_id }) => person_id),
    );
    for (const { grant, role, person_id, seconds, reason } of intended) {
      const rule = access.grants.find(({ name }) => name === grant);
      const groups = cast.find(({ name }) => name === names.get(person_id))?.groups ?? [];
      expect(rule?.roles).toContain(role);
      expect(rule?.groups.some((group) => groups.includes(group))).toBe(true);
      const most = access.roles.find(({ arn }) => arn === role)?.max_seconds ?? 0;
      expect(seconds).toBeLessThanOrEqual(Math.min(rule?.max_seconds ?? most, most));
      if (rule?.requires.includes("reason")) expect(reason).not.toBeNull();
    }
    await store.close();
  });
});

test("the same date and person key tell the same story, byte for byte, whatever the clock says that day", async () => {
  const [one, two] = [await toldWorld(2), await toldWorld(2, new Date("2026-11-21T23:59:59Z"))];
  expect(hashOfTrail(one)).toBe(hashOfTrail(two));
  expect(truthOf(one)).toEqual(truthOf(two));
  const next = await toldWorld(1, new Date("2026-11-22T00:00:00Z"));
  expect(truthOf(next).until).toBe("2026-11-22T00:00:00Z");
  for (const { home } of [one, two, next]) rmSync(home, { recursive: true, force: true });
}, 300_000);

test("the story imports nothing of what it is to check", () => {
  const folder = path.resolve(import.meta.dirname, "../../../sandbox/story");
  const sources = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), "utf8"));
  const imports = sources.flatMap((text) => [...text.matchAll(/from "([^"]+)"/g)].map(([, from]) => from ?? ""));
  expect(imports.filter((from) => /#\/(?:queries|core\/iam|functions|app|cli)/.test(from))).toEqual([]);
  expect(imports.length).toBeGreaterThan(50);
});

describe("the product, reading the story's trail and nothing else", () => {
  interface Row {
    readonly [column: string]: unknown;
    readonly access_key_id: string | null;
  }
  const launcher = path.resolve(import.meta.dirname, "../../../cli/roletrail.mjs");
  const ask = (question: string): Row[] => {
    const trail = path.join(places.s3, state.trailBucket);
    const words = [launcher, "ask", question, "--trail", trail, "--format", "json"];
    const env = { ...process.env, XDG_CACHE_HOME: path.join(places.home, "cache") };
    return JSON.parse(
      execFileSync(process.execPath, words, {
        env,
        stdio: ["ignore", "pipe", "ignore"],
        maxBuffer: 2 ** 28,
      }).toString(),
    );
  };

  test("finds every session as it was meant: who, which role, how many hops, calls and refusals", () => {
    const found = ask("sessions");
    expect(found).toHaveLength(truth.sessions.length);
    const byKey = new Map(found.map((row) => [row.access_key_id, row]));
    const wrong = truth.sessions.flatMap((meant) => {
      if (meant.api === null) return [];
      const row = byKey.get(meant.access_key_id);
      const { api, caller, role, hops, denied_calls } = meant;
      const want = { api, caller, role, hops, denied_calls, calls: meant.calls + meant.calls_by_other_keys };
      const got = Object.fromEntries(Object.keys(want).map((name) => [name, row?.[name]]));
      return JSON.stringify(got) === JSON.stringify(want) ? [] : [{ want, got }];
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  }, 300_000);

  test("counts each caller, role and API as it was meant, and lists each refusal", () => {
    const text = (rows: readonly object[]): string[] =>
      rows
        .map((row) => ({ ...(row as Row) }))
        .map((row) => `${row["caller"]} ${row["role"]} ${row["api"]} ${row["succeeded"]} ${row["failed"]}`)
        .sort();
    expect(text(ask("who-assumed-which-role"))).toEqual(text(truth.edges));
    const ids = (rows: readonly object[]): string[] => rows.map((row) => String((row as Row)["event_id"])).sort();
    expect(ids(ask("denied-assumptions"))).toEqual(ids(truth.refused_assumptions));
  }, 300_000);
});
