import { expect, test } from "vitest";
import { callerName, foreignCaller } from "#/app/words.ts";

const known = (id: string): string | undefined => (id === "303040405050" ? "vendor-acme" : undefined);

test.each([
  ["account:303040405050/AROAX7QX4M2LRT0KXE:nightly", "vendor-acme, role AROAX7…0KXE"],
  ["account:303040405050/AIDAX7QX4M2LRT0KXE", "vendor-acme, user AIDAX7…0KXE"],
  ["account:303040405050", "vendor-acme"],
  ["account:111122223333/AROAX7QX4M2LRT0KXE", "account 1111 2222 3333, role AROAX7…0KXE"],
  ["account:111122223333/<b>", "account 1111 2222 3333, <b>"],
  ["arn:aws:iam::303040405050:role/PartnerExport", null],
  ["p_aaaaaaaaaaaaaaaa", null],
])("another account's caller %s reads %s", (caller, words) => {
  expect(foreignCaller(caller, known)).toBe(words);
});

test("without the access file another account's caller has its number", () => {
  expect(callerName("account:303040405050/AROAX7QX4M2LRT0KXE")).toBe("account 3030 4040 5050, role AROAX7…0KXE");
});
