import { expect, test } from "vitest";
import { anotherTrip, needsRenewal } from "#/app/auth/fresh.ts";
import { ownPath, signinPath } from "#/app/auth/way.ts";
import { saidOf } from "#/app/signin/words.ts";

const origin = "http://localhost:3000";

test.each([
  "//evil.test",
  "/\\evil.test",
  "/\t/evil.test",
  "http://evil.test/",
  "http://localhost:3000/sessions",
  "javascript:alert(1)",
  "evil.test",
  "",
  "/api/auth/signout",
  "/session/end",
  "/session/renew?to=/session/renew",
  "/signin?why=loop",
  "/open",
  null,
])("%j is no way of ours: it leads to the front page", (to) => {
  expect(ownPath(to, origin)).toBe("/");
});

test.each(["/", "/sessions?caller=a%2Fb&x=1", "/roles/111122223333/Data%40Engineer", "/sessions/s_abc", "/opening"])(
  "%s is ours and stays as it is",
  (to) => {
    expect(ownPath(to, origin)).toBe(to);
  },
);

test("a way of over 2,000 characters leads to the front page", () => {
  expect(ownPath(`/${"x".repeat(2_000)}`, origin)).toBe("/");
});

test("what the parser makes of dots is looked at again", () => {
  expect(ownPath("/a/../b#c", origin)).toBe("/b");
  expect(ownPath("/..//evil.test", origin)).toBe("/");
  expect(ownPath("/x/..//evil.test/y", origin)).toBe("/");
  expect(ownPath("/x/../api/auth/signout", origin)).toBe("/");
});

test("the sign-in page is told a code, never a text, and says a sentence only for codes it knows", () => {
  expect(signinPath("groups.missing", "/sessions")).toBe("/signin?why=groups.missing&to=%2Fsessions");
  expect(signinPath(null, "/")).toBe("/signin");
  expect(saidOf("groups.missing")?.sentence).toContain("not taken for being in none");
  expect(saidOf("proof.azp")?.title).toBe("The id_token was issued for another client");
  for (const unknown of ["<script>", "toString", "constructor", undefined]) expect(saidOf(unknown)).toBeNull();
});

test("a page renews past its time, but not twice within thirty seconds of our clock", () => {
  const now = Date.parse("2026-11-21T09:30:00Z");
  expect(needsRenewal("2026-11-21T09:30:01Z", 0, now)).toBe(false);
  expect(needsRenewal("2026-11-21T09:30:00Z", now - 30_000, now)).toBe(true);
  expect(needsRenewal("2026-11-21T09:00:00Z", now - 29_999, now)).toBe(false);
  expect(needsRenewal(null, 0, now)).toBe(false);
});

test("four silent trips to one place pass within ten seconds, the fifth does not", () => {
  let kept: string | undefined;
  for (let trip = 0; trip < 4; trip += 1) kept = anotherTrip(kept, "/sessions", 1_000_000 + trip) ?? undefined;
  expect(kept?.split(".")).toHaveLength(4);
  expect(anotherTrip(kept, "/sessions", 1_000_010)).toBeNull();
  expect(anotherTrip(kept, "/sessions", 1_010_004)?.split(".")).toHaveLength(1);
  expect(anotherTrip("x.NaN.99999999999999-a", "/", 5)).toMatch(/^5-\w+$/);
});

test("forty tabs opened again at once are no loop, and their cookie stays small", () => {
  let kept: string | undefined;
  for (let tab = 0; tab < 40; tab += 1) {
    const next = anotherTrip(kept, `/sessions/${tab}`, 1_000_000 + tab);
    expect(next).not.toBeNull();
    kept = next ?? undefined;
  }
  expect((kept ?? "").length).toBeLessThan(600);
});
