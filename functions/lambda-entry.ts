import { z } from "zod";
import type { FunctionName } from "#/core/invoke.ts";
import { replyOf } from "#/core/invoke-answers.ts";
import type { Reply } from "#/core/invoke-reply.ts";
import { Refusal } from "#/core/refusal.ts";
import { type AnyHandler, call, problemFrom } from "./call.ts";
import type { Door } from "./doors.ts";
import { openLambdaWorld } from "./lambda-world.ts";
import type { Handler, World } from "./world.ts";

/**
 * The Lambda of one function: the call in (what crosses the socket on a laptop), its reply out. It never throws, so that
 * Lambda has no stack to answer with.
 */
export function lambdaEntry<Name extends FunctionName>(
  name: Name,
  handler: Handler<Name>,
  { withKeys = true, asksTrail = false, doors = {} }: Terms = {},
): (event: unknown, context?: unknown) => Promise<Reply> {
  const world = openedOnce(() =>
    openLambdaWorld({ withAccess: true, withKeys, ...(asksTrail ? { trailAs: name } : {}) }),
  );
  // The table's types tie name, input and output together; what comes over the wire is checked against it by `call`.
  const any = handler as AnyHandler;
  return async (event, context) => {
    try {
      const alias = aliasOf(context);
      const opened = await world();
      const body = alias === null ? await call(opened, name, any, event) : await doorOf(doors, alias)(opened, event);
      return await replyOf({ status: 200, body }, opened.settings.ROLETRAIL_ANSWERS);
    } catch (error) {
      const problem = problemFrom(error);
      return { status: problem.status, body: problem };
    }
  };
}

interface Terms {
  readonly withKeys?: boolean;
  /** Whether it asks the trail, by a door of `ask` that has its name. */
  readonly asksTrail?: boolean;
  /** Ways in beside web's, by the alias that Lambda was asked for. */
  readonly doors?: Readonly<Record<string, Door>>;
}

const Invoked = z.object({ invokedFunctionArn: z.string() });

/** The alias by which Lambda was asked; null without one. The caller cannot choose what Lambda says here. */
function aliasOf(context: unknown): string | null {
  const invoked = Invoked.safeParse(context);
  // arn:aws:lambda:<region>:<account>:function:<name>[:<alias>]
  return invoked.success ? (invoked.data.invokedFunctionArn.split(":")[7] ?? null) : null;
}

/** An alias without a door of its own is nobody's: it must not be another way to what web may ask. */
function doorOf(doors: Readonly<Record<string, Door>>, alias: string): Door {
  const door = Object.hasOwn(doors, alias) ? doors[alias] : undefined;
  if (door === undefined) throw new Refusal("not.found", "This function is not asked so.");
  return door;
}

/** Opened with the first call; again when that failed, so that an instance does not stay broken. */
export function openedOnce(open: () => Promise<World>): () => Promise<World> {
  let opened: Promise<World> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}
