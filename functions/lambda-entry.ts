import type { FunctionName } from "#/core/invoke.ts";
import { replyOf } from "#/core/invoke-answers.ts";
import type { Reply } from "#/core/invoke-reply.ts";
import { type AnyHandler, call, problemFrom } from "./call.ts";
import { openLambdaWorld } from "./lambda-world.ts";
import type { Handler, World } from "./world.ts";

/**
 * The Lambda of one function: the call in (what crosses the socket on a laptop), its reply out. It never throws, so that
 * Lambda has no stack to answer with.
 */
export function lambdaEntry<Name extends FunctionName>(
  name: Name,
  handler: Handler<Name>,
  { withKeys = true }: { withKeys?: boolean } = {},
): (event: unknown) => Promise<Reply> {
  const world = openedOnce(() => openLambdaWorld({ withKeys }));
  // The table's types tie name, input and output together; what comes over the wire is checked against it by `call`.
  const any = handler as AnyHandler;
  return async (event) => {
    try {
      const opened = await world();
      const body = await call(opened, name, any, event);
      return await replyOf({ status: 200, body }, opened.settings.ROLETRAIL_ANSWERS);
    } catch (error) {
      const problem = problemFrom(error);
      return { status: problem.status, body: problem };
    }
  };
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
