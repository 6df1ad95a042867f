import { lambdaEntry } from "../lambda-entry.ts";
import { read } from "../read.ts";

export const handler = lambdaEntry("read", read, { asksTrail: true });
