import { expect, test } from "vitest";
import { csvOf } from "#/core/csv.ts";

test("what a spreadsheet would take for a formula is text, numbers stay numbers", () => {
  const hostile = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\uff1d1", "|calc", "%0A=1", "\n1"];
  const text = csvOf(
    ["a", "b"],
    hostile.map((a) => ({ a, b: -1.5 })),
  );
  for (const line of text.trim().split("\r\n").slice(1)) expect(line).toMatch(/^"?'.*,-1\.5$/s);
});

test("RFC 4180: quotes doubled, lines and commas quoted, lists as JSON, absent empty", () => {
  expect(csvOf(["x", "y"], [{ x: 'say "hi",\nyou', y: ["a"] }, { x: null }])).toBe(
    'x,y\r\n"say ""hi"",\nyou","[""a""]"\r\n,\r\n',
  );
});
