import { createHash } from "node:crypto";
import { mintColumns } from "./tables.ts";
import { texts } from "./texts.ts";

/** One more when tables.ts or refresh.ts make other facts of the same texts. */
const steps = 1;

/** What the facts are made by: another version makes them new from the events. */
export const factsVersion = createHash("sha256")
  .update(JSON.stringify([steps, texts, mintColumns]))
  .digest("hex")
  .slice(0, 12);
