import type { Calendar } from "./calendar.ts";
import { cast } from "./cast.ts";
import { day, hour, isoOf, minute } from "./clock.ts";
import { asDbAdmin, asOperator, asVault, guesses, incident, knocking, thief } from "./incident.ts";
import { longTermKey } from "./organisation.ts";
import { whereOf } from "./places.ts";
import type { Random } from "./random.ts";
import type { Action } from "./shapes.ts";
import type { Living, Stage } from "./stage.ts";
import { type Asker, askerOf, assumeRole, refuseAssume, roleOf } from "./sts.ts";
import { type Cues, noPolicy, toil } from "./toil.ts";
import { userAsker, userRef } from "./user-refs.ts";

/** Tells the incident as it was planned and leaves its truth. */
export function tellIncident(stage: Stage, random: Random, calendar: Calendar): void {
  const user = userRef(incident.account, incident.user);
  const asker = userAsker(user, thief);
  const before = stage.truth.refused_assumptions.length;
  const refusedCalls = knock(stage, random, asker, calendar.incident - day + incident.knocksAt);
  const sessions: Living[] = [];
  incident.entersAt.forEach((after, index) => {
    sessions.push(...enter(stage, random, asker, calendar.incident + after, index));
  });
  stage.truth.incident = {
    user: user.arn,
    access_key_id: longTermKey(user.account, user.name),
    network: incident.network,
    first_at: isoOf(calendar.incident - day + incident.knocksAt),
    key_off_at: isoOf(calendar.incident + incident.keyOffAt),
    session_keys: sessions.map(({ issued }) => issued.key),
    sessions_by_role: Object.fromEntries(
      ["Operator", "DbAdmin", "BackupVault"].map((name) => [
        name,
        sessions.filter(({ issued }) => issued.role.name === name).length,
      ]),
    ),
    refused_calls_of_the_key: refusedCalls,
    refused_assumptions: stage.truth.refused_assumptions.length - before,
  };
}

function knock(stage: Stage, random: Random, asker: Asker, from: number): number {
  let at = from;
  let refused = 0;
  for (const { action, refused: no } of knocking) {
    const act = `${action.source}:${action.name}`;
    const message = `User: ${asker.arn} is not authorized to perform: ${act} because no identity-based policy allows the ${act} action`;
    const { account, identity, where } = asker;
    const refusal = no ? { refusal: { code: "AccessDenied", message, denied: true } } : {};
    stage.happen({ account, at, identity, action, where, ...refusal });
    refused += no ? 1 : 0;
    at += random.int(4, 40);
  }
  for (const [account, name] of guesses) {
    const why = " because no identity-based policy allows the sts:AssumeRole action";
    refuseAssume(stage, asker, roleOf(account, name).arn, at, why);
    at += random.int(3, 25);
  }
  return refused;
}

/** One way in: Operator, and from there as far as the plan says. */
function enter(stage: Stage, random: Random, asker: Asker, at: number, index: number): Living[] {
  const operator = assumeRole(stage, random, asker, roleOf("prodWeb", "Operator"), {
    at,
    sessionName: incident.sessionNames[index] ?? incident.user,
    seconds: incident.operatorSeconds,
    origin: "incident",
  });
  if (operator === null) return [];
  act(stage, random, operator, asOperator, at + 20);
  const made = [operator];
  if (!incident.toDatabases.some((each) => each === index)) return made;
  const admin = onward(stage, random, operator, "prodData", "DbAdmin", at + random.int(240, 420));
  if (admin === null) return made;
  made.push(admin);
  act(stage, random, admin, asDbAdmin, admin.issued.createdAt + 15);
  if (incident.toVault.some((each) => each === index)) {
    const vault = onward(stage, random, admin, "backup", "BackupVault", admin.issued.createdAt + random.int(200, 360));
    if (vault !== null) {
      made.push(vault);
      actInVault(stage, random, vault);
    }
  }
  // The last two are still alive when the roles are revoked, and go on trying.
  if (index >= 5) for (const session of made) act(stage, random, session, asOperator.slice(1, 5), reviseAt(at));
  return made;
}

/** Ten past ten of that day: after the cutoffs. */
const reviseAt = (at: number): number => at - (at % day) + 10 * hour + 9 * minute;

function onward(
  stage: Stage,
  random: Random,
  from: Living,
  account: "prodData" | "backup",
  name: string,
  at: number,
): Living | null {
  return assumeRole(stage, random, askerOf(from), roleOf(account, name), {
    at,
    sessionName: from.issued.name,
    seconds: hour,
    origin: "incident",
  });
}

function act(stage: Stage, random: Random, session: Living, actions: readonly Action[], from: number): void {
  let at = from;
  for (const action of actions) {
    if (!stage.call(session, at, action)) return;
    at += random.int(4, 50);
  }
}

function actInVault(stage: Stage, random: Random, session: Living): void {
  let at = session.issued.createdAt + 12;
  for (const { action, refused } of asVault) {
    if (!stage.call(session, at, action, refused ? noPolicy(session, action) : undefined)) return;
    at += random.int(5, 60);
  }
}

/** In the morning: Ilse looks, and switches the key off. The revocations come right after. */
export function contain(cues: Cues, calendar: Calendar): void {
  const { stage, broker, random } = cues;
  const ilse = cast.find(({ name }) => name === "Ilse Brandt");
  if (ilse === undefined) throw new Error("nobody of the cast is Ilse Brandt");
  const off = calendar.incident + incident.keyOffAt;
  const wish = { person: ilse, seconds: 4 * hour, grant: "Incidents", where: whereOf(ilse, random) };
  const reason = "SEC-131 sessions of Operator that no mint explains";
  const audit = broker.mint({
    ...wish,
    role: roleOf("security", "LogReader"),
    at: off - 34 * minute,
    seconds: hour,
    reason,
  });
  if (audit !== null) toil(cues, audit, "analysis", 12);
  const session = broker.mint({ ...wish, role: roleOf("prodData", "IncidentResponse"), at: off - 3 * minute, reason });
  if (session === null) return;
  const user = { userName: incident.user };
  const key = longTermKey(incident.account, incident.user);
  stage.call(session, off - 60, { source: "iam", name: "ListAccessKeys", readOnly: true, parameters: user });
  const parameters = { ...user, accessKeyId: key, status: "Inactive" };
  stage.call(session, off, { source: "iam", name: "UpdateAccessKey", readOnly: false, parameters });
  stage.call(session, off + 20, { source: "iam", name: "ListAccessKeys", readOnly: true, parameters: user });
}
