import { lambdaEntry } from "../lambda-entry.ts";
import { status } from "../status.ts";

export const handler = lambdaEntry("status", status, { withKeys: false });
