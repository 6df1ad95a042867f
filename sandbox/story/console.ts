import { globalRegion, homeRegion } from "./accounts.ts";
import { actionOf, type Work } from "./actions.ts";
import { brokerWhere } from "./broker.ts";
import { hour, minute } from "./clock.ts";
import { browser } from "./places.ts";
import { awsId, type Random } from "./random.ts";
import { roleSessionIdentity } from "./shapes.ts";
import type { Living, Stage } from "./stage.ts";

/**
 * A console sign-in link from the broker: GetSigninToken with the session's key, a federated ConsoleLogin, then calls
 * under keys that the console makes for itself. Only principal and creation date tell that they are one session.
 */
export function consoleVisit(stage: Stage, random: Random, session: Living, kind: Work): void {
  const { issued } = session;
  const { role } = issued;
  const opened = issued.createdAt + random.int(1, 3);
  const token = {
    source: "signin",
    name: "GetSigninToken",
    readOnly: false,
    response: { credentials: { accessKeyId: issued.key }, GetSigninToken: "Success" },
  };
  const told = stage.happen({
    account: role.account,
    at: opened,
    identity: session.identity,
    action: token,
    where: brokerWhere,
    more: { eventType: "AwsConsoleSignIn", additionalEventData: { MobileVersion: "No", MFAUsed: "No" } },
  });
  if (told !== null) session.truth.calls += 1;
  const login = opened + random.int(2, 20);
  const where = { ip: session.where.ip, agent: browser };
  const visited = stage.happen({
    account: role.account,
    at: login,
    identity: roleSessionIdentity(issued, null),
    action: { source: "signin", name: "ConsoleLogin", readOnly: false, response: { ConsoleLogin: "Success" } },
    where,
    region: globalRegion,
    more: {
      eventType: "AwsConsoleSignIn",
      additionalEventData: {
        LoginTo: `https://${homeRegion}.console.aws.amazon.com/console/home?region=${homeRegion}`,
        MobileVersion: "No",
        MFAUsed: "No",
      },
    },
  });
  if (visited === null) return;
  stage.truth.console_logins.succeeded += 1;
  session.truth.calls_by_other_keys += 1;
  clicks(stage, random, { ...session, where }, kind, login);
}

/** A page of the console makes a handful of calls; each service's page has a key of its own. */
export function clicks(stage: Stage, random: Random, session: Living, kind: Work, from: number): void {
  let at = from + random.int(2, 9);
  for (let pages = random.int(2, 6); pages > 0; pages -= 1) {
    const key = awsId(random, "ASIA");
    for (let calls = random.int(2, 7); calls > 0; calls -= 1) {
      if (!stage.call(session, at, actionOf(kind, random), undefined, key)) return;
      at += random.int(0, 4);
    }
    at += Math.floor(random.gap(4 * minute)) + 5;
    if (at > from + 3 * hour) return;
  }
}
