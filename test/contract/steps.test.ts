import { describe, expect, test } from "vitest";
import { refuse } from "#/tools/contract/refused.ts";
import { firstDenial } from "#/tools/contract/revoking.ts";
import { Failed, type Outside, Steps, settled } from "#/tools/contract/steps.ts";

const named = (name: string, message = "no"): Error => Object.assign(new Error(message), { name });

/** A clock that stands still but for what is waited. */
function world(): { outside: Outside; giveUp: AbortController; at: () => number } {
  let at = 0;
  const giveUp = new AbortController();
  const outside: Outside = {
    now: () => new Date(at),
    wait: async (milliseconds) => {
      at += milliseconds;
    },
    say: () => undefined,
    signal: giveUp.signal,
  };
  return { outside, giveUp, at: () => at };
}

/** Answers in turn; the last one stays. */
function answers(...turns: ("allowed" | Error)[]): () => Promise<void> {
  let turn = 0;
  return async () => {
    const answer = turns[Math.min(turn, turns.length - 1)];
    turn += 1;
    if (answer instanceof Error) throw answer;
  };
}

describe("the first denial after a revocation", () => {
  const denied = named("AccessDenied", "with an explicit deny in an identity-based policy");
  const seen = (look: () => Promise<void>): Promise<string> =>
    firstDenial({ outside: world().outside }, new Date(0), look);

  test("is counted from when the policy was there, with the calls allowed until then", async () => {
    const words = await seen(answers("allowed", "allowed", "allowed", "allowed", denied));
    expect(words).toBe(
      "2.0 s, 4 calls allowed until then; AccessDenied: with an explicit deny in an identity-based policy",
    );
  });

  test("counts only once no front end allows any more", async () => {
    expect(await seen(answers("allowed", denied, denied, "allowed", denied))).toMatch(/^2\.0 s, 2 calls allowed/);
  });

  test("that never comes is a failure in a sentence, not a wait for ever", async () => {
    await expect(seen(answers("allowed"))).rejects.toThrow(
      "The old session still works 300 seconds after the policy was written.",
    );
  });

  test("is not mistaken for an AWS that is too busy, or for another error", async () => {
    expect(await seen(answers(named("Throttling"), denied))).toMatch(/^0\.5 s, 1 calls/);
    await expect(seen(answers(named("ExpiredToken")))).rejects.toMatchObject({ name: "ExpiredToken" });
  });
});

describe("a call that must be refused", () => {
  const tried = async (attempt: () => Promise<unknown>) => {
    const { outside } = world();
    const steps = new Steps(outside);
    await refuse({ steps }, { name: "x", proves: "y", as: /^AccessDenied/, attempt });
    return steps.done.map(({ result, words }) => ({ result, words }));
  };

  test.each([
    {
      ends: "refused under its name",
      attempt: answers(named("AccessDenied", "not you")),
      step: { result: "passed", words: "AccessDenied: not you" },
    },
    {
      ends: "allowed",
      attempt: answers("allowed"),
      step: { result: "failed", words: "AWS allowed what it must refuse. What it gave was thrown away." },
    },
    {
      ends: "refused for another reason",
      attempt: answers(named("ValidationError", "too short")),
      step: {
        result: "failed",
        words:
          "It was refused for another reason than the one tried: ValidationError: too short (expected ^AccessDenied)",
      },
    },
  ])("and was $ends: $step.result", async ({ attempt, step }) => {
    expect(await tried(attempt)).toEqual([step]);
  });
});

test("what is not known everywhere yet is tried again, for as long as was said and no longer", async () => {
  const { outside, at } = world();
  expect(await settled(outside, answers(named("NoSuchEntity"), "allowed"))).toBeUndefined();
  expect(at()).toBe(2_000);
  await expect(settled(outside, answers(named("NoSuchEntity")), { seconds: 10 })).rejects.toThrow();
  expect(at()).toBeLessThan(16_000);
  await expect(settled(outside, answers(named("Other")), { retries: () => false })).rejects.toThrow();
});

test("a run that is given up begins no further step, but what must be done is done", async () => {
  const { outside, giveUp } = world();
  const steps = new Steps(outside);
  const work = async (): Promise<string> => {
    giveUp.abort(new Error("given up"));
    throw new Failed("half done");
  };
  await expect(steps.step("a", "b", work)).rejects.toThrow("given up");
  await expect(steps.step("c", "d", async () => "never")).rejects.toThrow("given up");
  expect(await steps.always("clean up", "e", async () => "done")).toBe(true);
  expect(steps.done.map(({ name }) => name)).toEqual(["clean up"]);
});
