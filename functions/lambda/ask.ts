import { ask } from "../ask.ts";
import { lambdaEntry } from "../lambda-entry.ts";

export const handler = lambdaEntry("ask", ask);
