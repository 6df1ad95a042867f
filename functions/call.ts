import { newId } from "#/core/ids.ts";
import { Envelope, type FunctionName, functions } from "#/core/invoke.ts";
import { Fault, type Problem, problemOf, Refusal } from "#/core/refusal.ts";
import type { World } from "./world.ts";

/** A handler whose name is not known to the compiler. */
export type AnyHandler = (world: World, caller: unknown, input: unknown) => Promise<unknown>;

/**
 * One call of a function as it came over the transport, checked against the closed table.
 * @throws Refusal `request.invalid`, and as the function refuses.
 */
export async function call(world: World, name: FunctionName, handler: AnyHandler, body: unknown): Promise<unknown> {
  const envelope = Envelope.safeParse(body);
  if (!envelope.success) throw new Refusal("request.invalid", "The call is not of the right form.");
  const input = functions[name].input.safeParse(envelope.data.input);
  if (!input.success) {
    const first = input.error.issues[0];
    throw new Refusal("request.invalid", `${first?.path.join(".") || "The request"}: ${first?.message}.`);
  }
  const { ticket, proof, idempotency_key } = envelope.data;
  const caller = {
    ...(ticket === undefined ? {} : { ticket }),
    ...(proof === undefined ? {} : { proof }),
    ...(idempotency_key === undefined ? {} : { idempotency_key }),
  };
  return handler(world, caller, input.data);
}

/** What crosses the transport of an error: a refusal as it is, of anything else only the id under which it was logged. */
export function problemFrom(error: unknown): Problem {
  const known = error instanceof Refusal || error instanceof Fault ? error : logged(error);
  return problemOf(known, newId("q"));
}

export function logged(error: unknown): Fault {
  const fault = new Fault(newId("f"));
  const text = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${JSON.stringify({ fault: fault.id, error: text })}\n`);
  return fault;
}
