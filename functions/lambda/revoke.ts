import { resumeDoor } from "../doors.ts";
import { lambdaEntry } from "../lambda-entry.ts";
import { revoke } from "../revoke.ts";

export const handler = lambdaEntry("revoke", revoke, { asksTrail: true, doors: { sweep: resumeDoor } });
