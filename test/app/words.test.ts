import { expect, test } from "vitest";
import { callerName, foreignCaller, roleHref, roleName, visible } from "#/app/words.ts";

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

test.each([
  ["a name that turns the direction of text", "\u202egnp.exe", "\\u{202e}gnp.exe"],
  ["a name with a bell, an escape and NUL", "a\u0007\u001b[31mb\0", "a\\u{7}\\u{1b}[31mb\\u{0}"],
  ["a name that ends nowhere", "a\nb\u200bc", "a\\u{a}b\\u{200b}c"],
  ["an isolate of its own", "\u2069a", "\\u{2069}a"],
  ["a name written from right to left, which keeps to itself", "שלום", "\u2068שלום\u2069"],
  ["any other name, as it is", "名前-<b>é", "名前-<b>é"],
])("%s is seen for what it is", (_, text, seen) => {
  expect(visible(text)).toBe(seen);
});

test("names of the log are seen for what they are, and their addresses stay theirs", () => {
  const arn = "arn:aws:iam::111122223333:role/path/\u202eesrever\nB";
  expect(roleName(arn)).toBe("\\u{202e}esrever\\u{a}B");
  expect(callerName("arn:aws:iam::111122223333:user/\u202egnp.exe")).toBe("\\u{202e}gnp.exe");
  expect(roleHref(arn)).toContain(`/roles/111122223333/${encodeURIComponent("\u202eesrever\nB")}?`);
});
