import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readKey, readOrMake } from "#/core/secrets.ts";

let folder = "";
beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), "secrets-")), "secrets");
});
afterEach(() => rmSync(path.dirname(folder), { recursive: true, force: true }));

describe.each([0o000, 0o022])("under umask %o", (mask) => {
  let before = 0;
  beforeEach(() => {
    before = process.umask(mask);
  });
  afterEach(() => process.umask(before));

  test("a key is made once, 32 bytes, for its owner alone, with nothing left beside it", () => {
    const key = readKey(folder, "person");
    expect(key).toHaveLength(32);
    expect(readKey(folder, "person")).toEqual(key);
    expect(readdirSync(folder)).toEqual(["person.key"]);
    expect(statSync(path.join(folder, "person.key")).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o077).toBe(0);
  });
});

test("whoever makes a secret second reads the first one's", () => {
  const file = path.join(folder, "x.key");
  const text = readOrMake(file, () => {
    readOrMake(file, () => "first");
    return "second";
  });
  expect(text).toBe("first");
  expect(readFileSync(file, "utf8")).toBe("first");
});

test("a secret that others may read is refused, with what would help", () => {
  readKey(folder, "mac");
  chmodSync(path.join(folder, "mac.key"), 0o644);
  expect(() => readKey(folder, "mac")).toThrow(/can be read by others \(mode 644\)/);
});

test("a damaged key is refused, not replaced", () => {
  readKey(folder, "cookie");
  writeFileSync(path.join(folder, "cookie.key"), "short\n");
  expect(() => readKey(folder, "cookie")).toThrow(/does not hold a key of 32 bytes/);
  expect(readFileSync(path.join(folder, "cookie.key"), "utf8")).toBe("short\n");
});
