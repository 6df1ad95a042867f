import { lambdaEntry } from "../lambda-entry.ts";
import { mint } from "../mint.ts";

export const handler = lambdaEntry("mint", mint);
