import { z } from "zod";
import { newId } from "./ids.ts";
import { Fault, isRefusalCode, Refusal } from "./refusal.ts";

/** What a function answered, over whichever transport: 200 with its output, else a problem (RFC 9457). */
export const Reply = z.strictObject({ status: z.int(), body: z.unknown() });
export type Reply = z.infer<typeof Reply>;

export const functionsDown = (): Refusal =>
  new Refusal("functions.down", "The part of Roletrail that mints and reads does not answer just now.", {
    help: "It starts again by itself within a minute; try again then.",
  });

const Carried = z.object({
  code: z.string(),
  detail: z.string(),
  help: z.string().optional(),
  until: z.string().optional(),
  first_id: z.string().optional(),
  cost: z.object({ bytes: z.number(), dollars: z.number(), query_id: z.string().nullable() }).optional(),
  id: z.string(),
});

/** What a function said no to, as it said it; anything else is a fault. */
export function errorOf(body: unknown): Refusal | Fault {
  const problem = Carried.safeParse(body);
  if (!problem.success) return new Fault(newId("f"));
  const { code, detail, help, until, first_id, cost, id } = problem.data;
  if (!isRefusalCode(code)) return new Fault(id);
  return new Refusal(code, detail, {
    ...(help === undefined ? {} : { help }),
    ...(until === undefined ? {} : { until }),
    ...(first_id === undefined ? {} : { first_id }),
    ...(cost === undefined ? {} : { cost }),
  });
}
