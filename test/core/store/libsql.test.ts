import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLibsqlStore } from "#/core/store/libsql.ts";
import { migrations } from "#/core/store/migrations.ts";
import { storeContract } from "./contract.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const file = (): string => path.join(folder, "store.db");

storeContract("libsql", async (now) => {
  const store = openLibsqlStore(file(), { now });
  const second = openLibsqlStore(file(), { now });
  return { store, second, dispose: async () => void (await Promise.all([store.close(), second.close()])) };
});

test("the store's files are readable by their owner alone, whatever the umask", async () => {
  const before = process.umask(0);
  const store = openLibsqlStore(file());
  await store.put({ partition: "p", sort: "s", value: 1 }, { absent: true });
  process.umask(before);
  for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o777, name).toBe(0o600);
  expect(readdirSync(folder).length).toBeGreaterThan(1);
  await store.close();
});

test("an older store is copied, migrated and keeps its rows", async () => {
  const old = openLibsqlStore(file());
  await old.put({ partition: "p", sort: "s", value: "kept" }, { absent: true });
  await old.close();
  const steps = [...migrations, "create table more (a text) strict"];
  const migrated = openLibsqlStore(file(), { steps });
  expect((await migrated.get("p", "s"))?.value).toBe("kept");
  await migrated.close();
  const copy = openLibsqlStore(`${file()}.v${migrations.length}`);
  expect((await copy.get("p", "s"))?.value).toBe("kept");
  await copy.close();
  expect(() => openLibsqlStore(file())).toThrow(/written by a newer Roletrail/);
});

test("a migration that fails leaves the store as it was", async () => {
  const old = openLibsqlStore(file());
  await old.put({ partition: "p", sort: "s", value: "kept" }, { absent: true });
  await old.close();
  const steps = [...migrations, "drop table rows", "no such statement"];
  expect(() => openLibsqlStore(file(), { steps })).toThrow();
  const again = openLibsqlStore(file());
  expect((await again.get("p", "s"))?.value).toBe("kept");
  await again.close();
});
