import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openCache } from "#/cli/cache.ts";
import { userCacheFolder } from "#/core/config.ts";

const home = mkdtempSync(path.join(tmpdir(), "roletrail-cache-"));
const trail = path.join(home, "trail");
const cache = path.join(home, "roletrail", "cache");

beforeAll(() => {
  mkdirSync(trail);
  vi.stubEnv("XDG_CACHE_HOME", home);
});
afterAll(() => vi.unstubAllEnvs());

const folderOf = (facts: string): string => path.dirname(facts);

test("a second process waits, then works in memory, keeps nothing and says so in one line", async () => {
  const first = await openCache(trail, "v1");
  expect(first.said).toBe(`What was read is kept in ${folderOf(first.places.facts)}`);
  const began = Date.now();
  const second = await openCache(trail, "v1", 0.3);
  expect(Date.now() - began).toBeGreaterThanOrEqual(300);
  expect(second.places.facts).toBe(":memory:");
  expect(second.said).toMatch(/^Another roletrail holds .*; nothing is kept this time\.$/);
  second.release();
  expect(existsSync(path.dirname(second.places.events))).toBe(false);
  first.release();
});

test("who waits gets the cache once the first lets go", async () => {
  const first = await openCache(trail, "v1");
  const second = openCache(trail, "v1", 20);
  first.release();
  expect((await second).places).toEqual(first.places);
  (await second).release();
});

test("the lock of a process that is gone is taken over", async () => {
  const gone = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => gone.once("exit", resolve));
  const first = await openCache(trail, "v1");
  const lock = path.join(folderOf(first.places.facts), "lock");
  expect(readFileSync(lock, "utf8")).toBe(String(process.pid));
  writeFileSync(lock, String(gone.pid));
  const second = await openCache(trail, "v1", 2);
  expect(second.places).toEqual(first.places);
  second.release();
  expect(existsSync(lock)).toBe(false);
});

test("another trail, and another version, have a cache of their own; one unused for thirty days goes", async () => {
  const first = await openCache(trail, "v1");
  first.release();
  const old = new Date(Date.now() - 31 * 86_400_000);
  utimesSync(folderOf(first.places.facts), old, old);
  const second = await openCache(trail, "v2");
  const third = await openCache("s3://bucket/prefix", "v2");
  const kept = [second, third].map(({ places }) => path.basename(folderOf(places.facts)));
  expect(new Set(kept).size).toBe(2);
  expect(readdirSync(cache).toSorted()).toEqual(kept.toSorted());
  second.release();
  third.release();
});

test("where nothing can be kept, it works in memory and says why", async () => {
  const file = path.join(home, "no-folder");
  writeFileSync(file, "");
  vi.stubEnv("XDG_CACHE_HOME", file);
  const kept = await openCache(trail, "v1");
  vi.stubEnv("XDG_CACHE_HOME", home);
  expect(kept.places.facts).toBe(":memory:");
  expect(kept.said).toMatch(/^Nothing that was read is kept: ENOTDIR: .*\.$/);
  kept.release();
});

test("a cache folder that is no whole path is none, so nothing lands where a shell happens to be", () => {
  const at = (given: string | undefined): string => userCacheFolder({ ...process.env, XDG_CACHE_HOME: given });
  const own = at(undefined);
  expect(path.isAbsolute(own)).toBe(true);
  for (const given of ["", "relative"]) expect(at(given)).toBe(own);
});
