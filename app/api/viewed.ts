import "server-only";
import type { Credentials } from "#/core/invoke.ts";
import type { ViewName, Views } from "#/core/views.ts";
import { ask } from "../invoke.ts";

/** One named view, as who asks. @throws Refusal as `read` refuses. */
export async function viewed<Name extends ViewName>(
  view: Name,
  params: Views[Name]["params"],
  credentials: Credentials,
): Promise<Views[Name]["view"]> {
  // Functions checked the shape against the same types on their side of the socket.
  return (await ask("read", { view, params: { ...params } }, credentials)) as Views[Name]["view"];
}
