import { lambdaEntry } from "../lambda-entry.ts";
import { vault } from "../vault.ts";

export const handler = lambdaEntry("vault", vault);
