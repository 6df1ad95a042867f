import { lambdaEntry } from "../lambda-entry.ts";
import { revoke } from "../revoke.ts";

export const handler = lambdaEntry("revoke", revoke);
