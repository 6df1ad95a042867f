import { ulidAt } from "./broker.ts";
import { day, hour, isWeekend, minute } from "./clock.ts";
import { Random } from "./random.ts";
import type { RoleRef } from "./shapes.ts";
import { roleOf } from "./sts.ts";

/** A revocation of the past: what Ilse or Sam pressed, and when it was to bite. */
export interface PastRevocation {
  readonly id: string;
  /** Given name and family name of who pressed. */
  readonly by: string;
  readonly role: RoleRef;
  readonly reason: string;
  readonly askedAt: number;
  readonly cutoff: number;
}

/** The days on which something other than everyday happens. All known before the first day is told. */
export interface Calendar {
  readonly fireDrill: number;
  readonly brokenTrust: number;
  readonly lostLaptop: number;
  /** Midnight of the day on which the stolen key gets in; the evening before it only knocks. */
  readonly incident: number;
  readonly wrongExternalId: number;
  readonly firstVault: number;
  readonly revocations: readonly PastRevocation[];
}

export function calendarOf(start: number): Calendar {
  const lostLaptop = workday(start, 12);
  const incident = workday(start, 21);
  const revoke = (by: string, role: RoleRef, reason: string, askedAt: number): PastRevocation => ({
    id: ulidAt("v", askedAt, new Random("revocation", role.arn, askedAt)),
    by,
    role,
    reason,
    askedAt,
    // As the AWS console does it: thirty seconds ahead.
    cutoff: askedAt + 30,
  });
  const stolen = "SEC-131: key of etl-loader used from an unknown network";
  return {
    fireDrill: workday(start, 9) + 13 * hour,
    brokenTrust: workday(start, 6) + 9 * hour,
    lostLaptop,
    incident,
    wrongExternalId: workday(start, 24) + 14 * hour,
    firstVault: workday(start, 26) + 15 * hour,
    revocations: [
      revoke(
        "Sam Okafor",
        roleOf("prodData", "DataAnalyst"),
        "SEC-127: laptop lost on a train",
        lostLaptop + 13.4 * hour,
      ),
      revoke("Ilse Brandt", roleOf("prodWeb", "Operator"), stolen, incident + 9 * hour + 58 * minute),
      revoke("Ilse Brandt", roleOf("prodData", "DbAdmin"), stolen, incident + 10 * hour + 1 * minute),
      revoke("Ilse Brandt", roleOf("backup", "BackupVault"), stolen, incident + 10 * hour + 3 * minute),
    ],
  };
}

/** That day of the story, or the next one that is no weekend. */
function workday(start: number, index: number): number {
  let midnight = start + index * day;
  while (isWeekend(midnight)) midnight += day;
  return midnight;
}
