import { z } from "zod";
import { Refusal } from "./refusal.ts";

/** What a function answered, over whichever transport: 200 with its output, else a problem (RFC 9457). */
export const Reply = z.strictObject({ status: z.int(), body: z.unknown() });
export type Reply = z.infer<typeof Reply>;

export const functionsDown = (): Refusal =>
  new Refusal("functions.down", "The part of Roletrail that mints and reads does not answer just now.", {
    help: "It starts again by itself within a minute; try again then.",
  });
