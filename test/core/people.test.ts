import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { eraseName, namesOf, remember } from "#/core/people.ts";
import { openLibsqlStore } from "#/core/store/libsql.ts";

test("a name can be erased for good while the id goes on; an id never belongs to two people", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "people-"));
  const store = openLibsqlStore(path.join(folder, "store.db"));
  const mara = { id: "p_aaaaaaaaaaaaaaaa", issuer: "https://x.test", claim: "1", name: "Mara Oyelaran" };
  await remember(store, mara, new Date());
  await remember(store, { ...mara, name: "Mara Weiss" }, new Date());
  expect((await namesOf(store, [mara.id, "p_unknown"])).get(mara.id)).toBe("Mara Weiss");
  await expect(remember(store, { ...mara, claim: "2" }, new Date())).rejects.toThrow("already belongs to another");
  await eraseName(store, mara.id);
  expect((await namesOf(store, [mara.id])).size).toBe(0);
  await store.close();
  const left = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), "latin1"));
  expect(left.join("")).not.toContain("Oyelaran");
  rmSync(folder, { recursive: true });
});
