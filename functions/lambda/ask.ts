import { ask } from "../ask.ts";
import { outsideDoor, trailDoor } from "../doors.ts";
import { lambdaEntry } from "../lambda-entry.ts";

export const handler = lambdaEntry("ask", ask, {
  doors: { read: trailDoor, revoke: trailDoor, sweep: trailDoor, notify: outsideDoor },
});
