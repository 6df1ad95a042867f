import type { Calendar } from "./calendar.ts";
import { type CastMember, cast } from "./cast.ts";
import { next, toVault } from "./chains.ts";
import { hour, minute } from "./clock.ts";
import { whereOf } from "./places.ts";
import type { Living } from "./stage.ts";
import { askerOf, refuseAssume, refusedByApi, roleOf } from "./sts.ts";
import { type Cues, toil } from "./toil.ts";

/** What happens once: each is a line somebody will look at. */
export function twists(cues: Cues, calendar: Calendar): void {
  wrongExternalId(cues, calendar.wrongExternalId);
  brokenTrust(cues, calendar.brokenTrust);
  lostLaptop(cues, calendar);
  teosFirstVault(cues, calendar.firstVault);
  tooLong(cues, calendar.brokenTrust + 5 * hour);
}

function personOf(name: string): CastMember {
  const person = cast.find((member) => member.name === name);
  if (person === undefined) throw new Error(`nobody of the cast is ${name}`);
  return person;
}

/** Mara's delivery script still carries the external id of last year's contract, and tries again and again. */
function wrongExternalId(cues: Cues, at: number): void {
  const session = analyst(cues, "Mara Oyelaran", at, 12, "delivery of the week");
  if (session === null) return;
  toil(cues, session, "analysis", 20);
  const why = " because no resource-based policy allows the sts:AssumeRole action";
  for (let attempt = 0; attempt < 22; attempt += 1) {
    refuseAssume(cues.stage, askerOf(session), roleOf("vendor", "PartnerExport").arn, at + 900 + attempt * 61, why);
  }
}

function analyst(cues: Cues, name: string, at: number, hours: number, reason: string): Living | null {
  const person = personOf(name);
  return cues.broker.mint({
    person,
    role: roleOf("prodData", "DataAnalyst"),
    at,
    seconds: hours * hour,
    reason,
    grant: "Data works in the lake",
    tags: { team: "data" },
    where: whereOf(person, cues.random),
  });
}

/** Somebody edited a trust policy by hand; for twenty minutes nobody gets Deploy. */
function brokenTrust({ broker, random }: Cues, at: number): void {
  const tries = [
    ["Camille Moreau", 0],
    ["Camille Moreau", 70],
    ["Tomasz Zielinski", 310],
    ["Camille Moreau", 640],
  ] as const;
  for (const [name, after] of tries) {
    const person = personOf(name);
    broker.refusedMint({
      person,
      role: roleOf("prodWeb", "Deploy"),
      at: at + after,
      seconds: 2 * hour,
      reason: "release 4.17",
      grant: "Releases",
      where: whereOf(person, random),
    });
  }
}

/** Lena's laptop stays on a train while her session lives: it is revoked, and somebody tries it afterwards. */
function lostLaptop(cues: Cues, calendar: Calendar): void {
  const [revocation] = calendar.revocations;
  const lena = analyst(cues, "Lena Vogel", calendar.lostLaptop + 8 * hour, 12, "quarterly churn report");
  const mara = analyst(
    cues,
    "Mara Oyelaran",
    calendar.lostLaptop + 9 * hour + 5 * minute,
    12,
    "DATA-2214 late partitions",
  );
  for (const session of [lena, mara]) {
    if (session === null || revocation === undefined) continue;
    toil(cues, session, "analysis", 24);
    // Not every try is a refusal: GetCallerIdentity always answers.
    const after = revocation.cutoff + cues.random.int(5, 40) * minute;
    const action = {
      source: "athena",
      name: "StartQueryExecution",
      readOnly: false,
      parameters: { workGroup: "churn" },
    };
    cues.stage.call(session, after, action);
    session.until = Number.POSITIVE_INFINITY;
    cues.stage.call(session, after + 20 * minute, { source: "sts", name: "GetCallerIdentity", readOnly: true });
    session.until = after;
  }
  if (revocation === undefined) return;
  const person = personOf("Hugo Lambert");
  cues.broker.withheldMint(
    {
      person,
      role: revocation.role,
      at: revocation.askedAt,
      seconds: 4 * hour,
      reason: "pricing model refresh",
      grant: "Data works in the lake",
      tags: { team: "data" },
      where: whereOf(person, cues.random),
    },
    revocation.id,
  );
}

/** Teo has never been in the vault before; a real restore, third role of the chain. */
function teosFirstVault(cues: Cues, at: number): void {
  const person = personOf("Teo Park");
  const session = cues.broker.mint({
    person,
    role: roleOf("prodWeb", "Operator"),
    at,
    seconds: 4 * hour,
    reason: "PAGE-951 restore orders-2",
    grant: "On call",
    where: whereOf(person, cues.random),
  });
  if (session === null) return;
  toil(cues, session, "operating", 14);
  const admin = next(cues, session, roleOf("prodData", "DbAdmin"), 420);
  if (admin === null) return;
  toil(cues, admin, "databases", 12);
  toVault(cues, admin);
}

/** A script asks for twelve hours through a chain: AWS refuses, and no policy denied anything. */
function tooLong(cues: Cues, at: number): void {
  const session = analyst(cues, "Bea Novak", at, 4, "weekly numbers");
  if (session === null) return;
  toil(cues, session, "analysis", 10);
  const message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const refusal = { code: "ValidationException", message, denied: false };
    refusedByApi(cues.stage, askerOf(session), null, at + 600 + attempt * 5, "AssumeRole", refusal);
  }
}
