import { expect, test } from "vitest";
import { errorOf } from "#/core/invoke-reply.ts";
import { Fault, problemOf, Refusal } from "#/core/refusal.ts";

test("a refusal crosses the transport with all it says, what its question had cost with it", () => {
  const said = new Refusal("trail.cut-off", "The question would read more of the trail than one question may.", {
    help: "Narrow it.",
    until: "2026-11-21T09:30:00Z",
    first_id: "m_01k00000000000000000000001",
    cost: { bytes: 10_737_418_240, dollars: 0.049, query_id: "0f1e2d3c" },
  });
  const heard = errorOf(JSON.parse(JSON.stringify(problemOf(said, "q_1"))));
  expect(heard).toBeInstanceOf(Refusal);
  expect(problemOf(heard, "q_1")).toEqual(problemOf(said, "q_1"));
});

test("a fault, and what is no answer of ours, say an id and nothing else", () => {
  expect(errorOf(problemOf(new Fault("f_1"), "q_1"))).toMatchObject({ id: "f_1" });
  expect(errorOf({ errorMessage: "secret" }).message).not.toContain("secret");
});
