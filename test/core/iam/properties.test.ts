import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ask } from "./ask.ts";
import { type Question, question } from "./random.ts";
import type { Document } from "./table.ts";

const rank = { explicitDeny: 0, implicitDeny: 1, allowed: 2 } as const;
const statements = (one: Question): Document => one.identity.flat();
const settings = { numRuns: 300, seed: 2026 };

const asDenies = (document: Document): Document => document.map((statement) => ({ ...statement, Effect: "Deny" }));

describe("whatever the policies", () => {
  test("a deny never widens", () => {
    fc.assert(
      fc.property(question, question, (one, other) => {
        const more = {
          ...one,
          identity: [...one.identity, asDenies(statements(other))].filter((all) => all.length > 0),
        };
        expect(rank[ask(more).effect]).toBeLessThanOrEqual(rank[ask(one).effect]);
      }),
      settings,
    );
  });

  test("a deny of everything denies everything", () => {
    fc.assert(
      fc.property(question, (one) => {
        const brake = [{ Effect: "Deny", Action: "*", Resource: "*" }];
        expect(ask({ ...one, identity: [...one.identity, brake] }).effect).toBe("explicitDeny");
      }),
      settings,
    );
  });

  test("a session policy only narrows", () => {
    fc.assert(
      fc.property(question, question, (one, other) => {
        const session = other.session ?? statements(other);
        fc.pre(one.session === undefined && session.length > 0);
        expect(rank[ask({ ...one, session }).effect]).toBeLessThanOrEqual(rank[ask(one).effect]);
      }),
      settings,
    );
  });

  test("a session policy that allows everything changes nothing", () => {
    fc.assert(
      fc.property(question, (one) => {
        fc.pre(one.session === undefined);
        const session = [{ Effect: "Allow", Action: "*", Resource: "*" }];
        expect(ask({ ...one, session }).effect).toBe(ask(one).effect);
      }),
      settings,
    );
  });

  test("a boundary only narrows", () => {
    fc.assert(
      fc.property(question, question, (one, other) => {
        fc.pre(one.boundary === undefined && statements(other).length > 0);
        expect(rank[ask({ ...one, boundary: statements(other) }).effect]).toBeLessThanOrEqual(rank[ask(one).effect]);
      }),
      settings,
    );
  });

  test("nothing is allowed that no statement allows", () => {
    fc.assert(
      fc.property(question, (one) => {
        const identity = one.identity.map(asDenies);
        const resourcePolicy = one.resourcePolicy && asDenies(one.resourcePolicy);
        expect(ask({ ...one, identity, resourcePolicy }).effect).not.toBe("allowed");
      }),
      settings,
    );
  });

  test("the order of statements does not matter, nor that of policies", () => {
    fc.assert(
      fc.property(question, (one) => {
        const turned: Question = {
          ...one,
          identity: one.identity.map((document) => [...document].reverse()).reverse(),
          session: one.session && [...one.session].reverse(),
          boundary: one.boundary && [...one.boundary].reverse(),
          resourcePolicy: one.resourcePolicy && [...one.resourcePolicy].reverse(),
          scps: one.scps.map((level) => [...level].reverse()),
        };
        const [first, second] = [ask(one), ask(turned)];
        expect(second.effect).toBe(first.effect);
        expect("missing" in second && second.missing).toBe("missing" in first && first.missing);
      }),
      settings,
    );
  });

  test("statements split over policies say the same as in one", () => {
    fc.assert(
      fc.property(question, (one) => {
        const split = statements(one).map((statement) => [statement]);
        expect(ask({ ...one, identity: split }).effect).toBe(ask(one).effect);
      }),
      settings,
    );
  });

  test("who decided stands among what matched", () => {
    fc.assert(
      fc.property(question, (one) => {
        const decision = ask(one);
        if (decision.effect === "implicitDeny") expect(decision.allMissing[0]).toBe(decision.missing);
        else expect(decision.matched).toContain(decision.by);
      }),
      settings,
    );
  });
});
