import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AccessFile, allow, powers as allPowers, powersOf, rolesOf, termsOf } from "#/core/access.ts";
import { faultsOf } from "#/core/access-rules.ts";
import type { Person } from "#/core/person.ts";
import { Refusal } from "#/core/refusal.ts";
import { sessionNameOf } from "#/core/session-name.ts";

const a = "arn:aws:iam::111122223333:role/A";
const b = "arn:aws:iam::444455556666:role/B";
const file = (more: object = {}): AccessFile =>
  AccessFile.parse({
    version: 1,
    issuers: [{ issuer: "https://signin.example.test", client_id: "roletrail" }],
    accounts: [
      { id: "111122223333", name: "one" },
      { id: "444455556666", name: "two" },
    ],
    roles: [{ arn: a, max_seconds: 43_200 }, { arn: b }],
    grants: [
      { name: "short", groups: ["data"], roles: [a], max_seconds: 3_600 },
      { name: "long", groups: ["data"], roles: [a], max_seconds: 43_200, requires: ["reason"] },
      { name: "one person", people: ["p_aaaaaaaaaaaaaaaa"], roles: [b], max_seconds: 43_200 },
    ],
    powers: [],
    ...more,
  });
const person = (more: Partial<Person> = {}): Person => ({
  id: "p_bbbbbbbbbbbbbbbb",
  issuer: "https://signin.example.test",
  claim: "1",
  groups: ["data"],
  groups_state: "complete",
  name: "Bea",
  authenticated_at: "2026-11-21T09:00:00Z",
  via: "browser",
  ...more,
});
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return "allowed";
};

describe("what a person may have of a role", () => {
  test("any one grant that reaches them is enough, with its own cap and its own demands", () => {
    const ask = (seconds: number, reason?: string) =>
      codeOf(() => allow(file(), person(), { role: a, seconds, ...(reason === undefined ? {} : { reason }) }));
    expect(ask(3_600)).toBe("allowed");
    expect(ask(3_601)).toBe("reason.missing");
    expect(ask(43_200, "a night's backfill")).toBe("allowed");
    expect(ask(43_201, "more")).toBe("duration.too-long");
    expect(ask(900, "  ")).toBe("allowed");
  });

  test("never more than the role itself lends, whatever the grant says", () => {
    const named = person({ id: "p_aaaaaaaaaaaaaaaa", groups: [] });
    expect(termsOf(file(), named, b)?.seconds_max).toBe(3_600);
    expect(codeOf(() => allow(file(), named, { role: b, seconds: 3_601 }))).toBe("duration.too-long");
  });

  test("a reason is demanded of the role only when every way demands it", () => {
    expect(termsOf(file(), person(), a)?.requires).toEqual([]);
    const strict = file({ grants: [{ name: "g", groups: ["data"], roles: [a], requires: ["reason"] }] });
    expect(termsOf(strict, person(), a)?.requires).toEqual(["reason"]);
  });

  test("groups match whole and with their case", () => {
    for (const group of ["dat", "database", "Data", " data", "data\n", "non-data"]) {
      expect(rolesOf(file(), person({ groups: [group] }))).toEqual([]);
    }
  });

  test("unknown groups are a refusal, for grants by person too, and for powers", () => {
    for (const state of ["missing", "overage"] as const) {
      const who = person({ id: "p_aaaaaaaaaaaaaaaa", groups: [], groups_state: state });
      expect(codeOf(() => allow(file(), who, { role: b, seconds: 900 }))).toBe(`groups.${state}`);
      expect(codeOf(() => rolesOf(file(), who))).toBe(`groups.${state}`);
      expect(codeOf(() => powersOf(file(), who))).toBe(`groups.${state}`);
    }
  });

  test("the same role name in another account is another role", () => {
    const twin = file({ roles: [{ arn: a }, { arn: a.replace("111122223333", "444455556666") }] });
    expect(termsOf(twin, person(), a.replace("111122223333", "444455556666"))).toBeNull();
  });
});

describe("powers", () => {
  test("none implies another: each alone gives itself alone, in its accounts alone", () => {
    for (const power of allPowers) {
      const given = file({ powers: [{ groups: ["data"], may: [power], accounts: ["111122223333"] }] });
      const mine = powersOf(given, person());
      expect(allPowers.filter((other) => mine.may(other, "111122223333"))).toEqual([power]);
      expect(allPowers.filter((other) => mine.may(other, "444455556666"))).toEqual([]);
      expect(mine.mayAnywhere(power)).toBe(true);
    }
  });

  test("the star is every account of the file, and no other", () => {
    const mine = powersOf(file({ powers: [{ groups: ["data"], may: ["revoke"], accounts: "*" }] }), person());
    expect(mine.may("revoke", "444455556666")).toBe(true);
    expect(mine.may("revoke", "999999999999")).toBe(false);
  });

  test("who is in no group of them has none", () => {
    const given = file({ powers: [{ groups: ["security"], may: [...allPowers], accounts: "*" }] });
    expect(powersOf(given, person()).list).toEqual([]);
  });
});

describe("session names", () => {
  const id = fc.string({ unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz234567"), minLength: 16, maxLength: 16 });
  const name = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 120 }),
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.constant("x".repeat(300)),
  );
  const modes = fc.constantFrom("readable" as const, "opaque" as const);

  test("are always names that AWS takes", () => {
    fc.assert(
      fc.property(id, name, modes, (sixteen, who, mode) => {
        expect(sessionNameOf({ id: `p_${sixteen}`, name: who }, mode)).toMatch(/^[\w+=,.@-]{2,64}$/);
      }),
    );
  });

  test("differ for different people, however alike or long their names are", () => {
    fc.assert(
      fc.property(id, id, name, name, modes, (one, other, first, second, mode) => {
        fc.pre(one !== other);
        const [x, y] = [
          sessionNameOf({ id: `p_${one}`, name: first }, mode),
          sessionNameOf({ id: `p_${other}`, name: second }, mode),
        ];
        expect(x).not.toBe(y);
      }),
    );
  });

  test("read as people write them, and are the id alone where they must be opaque", () => {
    const who = { id: "p_abcdefghijklmnop", name: "  Zoë  Ångström-O'Neil <admin>" };
    expect(sessionNameOf(who, "readable")).toBe("zoe.a.ngstro.m.o.neil.admin.abcdefghijklmnop");
    expect(sessionNameOf(who, "opaque")).toBe("abcdefghijklmnop");
    expect(sessionNameOf({ ...who, name: "山田" }, "readable")).toBe("abcdefghijklmnop");
  });
});

describe("what an access file cannot mean", () => {
  test.each([
    [
      "a role in no account",
      { roles: [{ arn: "arn:aws:iam::999999999999:role/X" }], grants: [] },
      "is in no account of this file",
    ],
    [
      "a grant of a role nobody wrote down",
      { grants: [{ name: "g", groups: ["x"], roles: ["arn:aws:iam::111122223333:role/Typo"] }] },
      "which is not among the roles",
    ],
    ["a grant for nobody", { grants: [{ name: "g", roles: [a] }] }, "is for nobody"],
    [
      "a power over a stranger's account",
      { powers: [{ groups: ["x"], may: ["revoke"], accounts: ["999999999999"] }] },
      "is no account of this file",
    ],
    [
      "the same role twice, once with a path",
      { roles: [{ arn: a }, { arn: a.replace("role/A", "role/path/A") }, { arn: b }] },
      "is there twice",
    ],
    [
      "an external id where the call has none",
      { roles: [{ arn: a, external_id: "x1" }, { arn: b }] },
      "has no external id",
    ],
    ["our own tag", { roles: [{ arn: a, tags: { roletrailmint: "x" } }, { arn: b }] }, "is Roletrail's own"],
    [
      "tags that differ by case",
      { roles: [{ arn: a, tags: { Dept: "x", dept: "y" } }, { arn: b }] },
      "differ by case only",
    ],
    ["AWS's tags", { roles: [{ arn: a, tags: { "aws:x": "x" } }, { arn: b }] }, "does not begin with aws:"],
    [
      "our own role to lend",
      {
        accounts: [
          { id: "111122223333", name: "one", broker: a },
          { id: "444455556666", name: "two" },
        ],
      },
      "cannot be lent",
    ],
  ] as const)("%s", (_name, more, said) => {
    expect(faultsOf(file(more)).join("\n")).toContain(said);
  });

  test("and a file without a fault has none", () => {
    expect(faultsOf(file())).toEqual([]);
  });
});
