import { readFileSync } from "node:fs";
import path from "node:path";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { invoke } from "#/core/invoke.ts";
import { readLedger, shardsOf, verifyLedger } from "#/core/ledger.ts";
import { openDynamoStore } from "#/core/store/dynamodb.ts";
import { handler as read } from "#/functions/lambda/read.ts";
import { handler as revoke } from "#/functions/lambda/revoke.ts";
import { handler as vault } from "#/functions/lambda/vault.ts";
import { newTables } from "../core/store/dynamo-tables.ts";
import { type Deployed, deploy } from "./deployed.ts";
import type { SignedIn } from "./northwharf.ts";

/** The runbook's "Restore", rehearsed: the tables of an earlier minute under new names, and new instances of the functions. */
const prefix = "roletrail-test-";
const wanted = { role: "arn:aws:iam::111122223333:role/DataAnalyst", seconds: 900, reason: "x" };
type Entry = (event: unknown, context?: unknown) => Promise<unknown>;
type Instances = Readonly<Record<"mint" | "anchor" | "reconcile" | "read" | "revoke" | "vault", Entry>>;

let stage: Deployed;
let mara: SignedIn;
let instances: Instances;
let s3: S3Client;
let admin: Readonly<Record<string, string>>;

/** The bucket is the sandbox admin's, as an adopted one is another account's: functions' own key has no right to it. */
const asAdmin =
  (entry: Entry): Entry =>
  async (event, context) => {
    const own = Object.fromEntries(Object.keys(admin).map((name) => [name, process.env[name]]));
    Object.assign(process.env, admin);
    return entry(event, context).finally(() => Object.assign(process.env, own));
  };

async function deployNew(): Promise<void> {
  vi.resetModules();
  const [mint, anchor, reconcile, ...others] = await Promise.all([
    import("#/functions/lambda/mint.ts"),
    import("#/functions/lambda/anchor.ts"),
    import("#/functions/lambda/reconcile.ts"),
    import("#/functions/lambda/read.ts"),
    import("#/functions/lambda/revoke.ts"),
    import("#/functions/lambda/vault.ts"),
  ]);
  const [{ handler: r }, { handler: v }, { handler: w }] = others;
  instances = {
    mint: asAdmin(mint.handler),
    anchor: asAdmin(anchor.handler),
    reconcile: asAdmin(reconcile.handler),
    read: asAdmin(r),
    revoke: v,
    vault: w,
  };
}

const minted = async () => invoke({ lambda: prefix }, "mint", wanted, await mara.deed("mint", wanted));
const anchors = async (): Promise<number> =>
  (await s3.send(new ListObjectsV2Command({ Bucket: "roletrail-anchors" }))).Contents?.length ?? 0;

beforeAll(async () => {
  instances = { read, revoke, vault, mint: vault, anchor: vault, reconcile: vault };
  const through =
    (name: keyof Instances): Entry =>
    (event, context) =>
      instances[name](event, context);
  const lambdas = { vault: through("vault"), mint: through("mint"), read: through("read"), revoke: through("revoke") };
  stage = await deploy(prefix, lambdas, (input) => invoke({ lambda: prefix }, "vault", input));
  const { it, services } = stage;
  const key = JSON.parse(readFileSync(path.join(it.world.places.world, "admin-key.json"), "utf8"));
  admin = { AWS_ACCESS_KEY_ID: key.access_key_id, AWS_SECRET_ACCESS_KEY: key.secret_access_key };
  Object.assign(process.env, {
    ROLETRAIL_ANCHORS: "s3://roletrail-anchors/heads/",
    ROLETRAIL_ANCHOR_KEY: services.second.keyArn,
  });
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, region } = key;
  s3 = new S3Client({ region, credentials: { accessKeyId, secretAccessKey } });
  await s3.send(new CreateBucketCommand({ Bucket: "roletrail-anchors" }));
  await deployNew();
  mara = await it.signIn("Mara Oyelaran");
});
afterAll(() => stage.close());

test("after a restore mints are refused, reading and ending sessions go on, and reconciling lets mints be made again", async () => {
  await minted();
  expect(await instances.anchor({})).toEqual({ anchored: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await instances.anchor({})).toEqual({ anchored: null });
  const before = openDynamoStore(stage.tables);
  const kept = await Promise.all(
    (await shardsOf(before)).map(async (shard) => [shard, await readLedger(before, shard, 0, 999)] as const),
  );
  await minted();
  const lostMint = await minted();
  await instances.anchor({});
  expect(await anchors()).toBe(2);

  // Both tables as they were at the first anchor, under new names; who was signed in signs in again.
  const tables = await newTables(process.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "");
  const after = openDynamoStore(tables);
  for (const [shard, entries] of kept) {
    await after.put({ partition: "ledger", sort: shard, value: {} }, { absent: true });
    for (const entry of entries)
      await after.put(
        { partition: `ledger#${shard}`, sort: String(entry.seq).padStart(12, "0"), value: entry },
        { absent: true },
      );
  }
  process.env["ROLETRAIL_STORE"] = `dynamodb:${tables.state},${tables.ledger}`;
  await deployNew();
  mara = await stage.it.signIn("Mara Oyelaran");
  const refused = { code: "ledger.behind", message: expect.stringMatching(/restored and ends before its anchor/) };
  await expect(minted()).rejects.toMatchObject(refused);
  // biome-ignore lint/suspicious/noExplicitAny: a view is looked into by assertions alone
  const page: any = await invoke(
    { lambda: prefix },
    "read",
    { view: "role", params: { account: "111122223333", name: "DataAnalyst" } },
    { ticket: mara.ticket },
  );
  expect(page.checks.find(({ check }: { check: string }) => check === "ledger")).toMatchObject({ state: "will-fail" });
  const ilse = await stage.it.signIn("Ilse Brandt");
  const ending = { role: "arn:aws:iam::111122223333:role/DataEngineer", reason: "x" };
  expect(await invoke({ lambda: prefix }, "revoke", ending, await ilse.deed("revoke", ending))).toMatchObject({
    failure: null,
  });
  // Nothing new is anchored over the old.
  await expect(instances.anchor({})).rejects.toThrow(/lacks what was anchored: .*mint-\d+ \d+/);
  expect(await anchors()).toBe(2);

  const told = Object(await instances.reconcile({}));
  expect(told.lost.map(({ shard }: { shard: string }) => shard).join()).toMatch(/mint-\d+/);
  expect(await instances.reconcile({ confirm: "no" })).toMatchObject({ code: "request.invalid" });
  const words = { by: "teo", why: "restored to the minute before the deletion" };
  expect(await instances.reconcile({ ...words, confirm: told.confirm })).toMatchObject({ done: true });
  await deployNew();
  const { mint_id } = await minted();
  expect(mint_id).not.toBe(lostMint.mint_id);
  expect(await instances.anchor({})).toEqual({ anchored: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect((await verifyLedger(after)).faults).toEqual([]);
  await before.close();
  await after.close();
});
