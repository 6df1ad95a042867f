import { describe, expect, test } from "vitest";
import { denialMessage } from "#/core/iam/denial.ts";
import { evaluate } from "#/core/iam/evaluate.ts";
import { parsePolicy } from "#/core/iam/policy.ts";
import { kindCases } from "./cases/kinds.ts";
import { revocationCases } from "./cases/revocation.ts";
import { trustCases } from "./cases/trust.ts";
import { type Case, failureOf } from "./table.ts";

const ours = { evaluate, parsePolicy, denialMessage };

describe("who may become whom", () => each(trustCases));
describe("how policies of different kinds decide together", () => each(kindCases));
describe("a revocation", () => each(revocationCases));

test("no two cases promise the same", () => {
  const names = [...trustCases, ...kindCases, ...revocationCases].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

function each(cases: readonly Case[]): void {
  test.each(cases)("$name", (one) => expect(failureOf(ours, one)).toBeUndefined());
}
