import { accounts, globalRegion, homeRegion } from "./accounts.ts";
import { actionOf } from "./actions.ts";
import { day, hour, isoOf, isWeekend, weekdayOf } from "./clock.ts";
import { clicks } from "./console.ts";
import { identityCenter } from "./identity-center.ts";
import { longTermKey, mfaSerial } from "./organisation.ts";
import { personAt } from "./places.ts";
import { awsId, type Random } from "./random.ts";
import { type UserRef, userIdentity, type Where } from "./shapes.ts";
import type { Stage } from "./stage.ts";
import { assumeRole, roleOf } from "./sts.ts";
import { toil } from "./toil.ts";
import { federatedDashboard } from "./tokens.ts";
import type { TrueSession } from "./truth.ts";
import { dashboards, userAsker, userRef } from "./user-refs.ts";

/** One day of what still runs on long-term keys, on passwords and on Identity Center. */
export function usersOn(stage: Stage, random: Random, midnight: number): void {
  legacyKeys(stage, random, midnight);
  if (!isWeekend(midnight)) {
    if (random.chance(0.7)) passwordLogin(stage, random, midnight);
    if (weekdayOf(midnight) === 3) switchedRole(stage, random, midnight);
    if (random.chance(0.6)) identityCenter(stage, random, midnight);
    if (weekdayOf(midnight) === 5) buildServer(stage, random, midnight);
    if (weekdayOf(midnight) === 1) federatedDashboard(stage, random, midnight);
  }
  if (random.chance(0.4)) strangerAtTheDoor(stage, random, midnight);
}

const resizer = { ip: "192.0.2.31", agent: "aws-sdk-php/3.288.1 OS/Linux#4.14 lang/php#7.4.33 GuzzleHttp/6.5" };
const loaderWhere: Where = { ip: "192.0.2.40", agent: "Boto3/1.17.112 Python/3.6.8 Linux/3.10.0 Botocore/1.20.112" };

/** Scripts of former years: the same few calls, every day, from the same address. */
function legacyKeys(stage: Stage, random: Random, midnight: number): void {
  const routine = [
    { user: userRef("prodWeb", "image-resizer"), where: resizer, calls: 90, from: 0, to: 24 },
    { user: userRef("prodData", "etl-loader"), where: loaderWhere, calls: 36, from: 3, to: 5 },
    { user: userRef("prodData", "dashboards"), where: dashboards, calls: 48, from: 6, to: 19 },
  ] as const;
  for (const { user, where, calls, from, to } of routine) {
    const identity = userIdentity(user, longTermKey(user.account, user.name));
    for (let call = 0; call < calls; call += 1) {
      const at = midnight + Math.floor((from + random.unit() * (to - from)) * hour);
      const action = {
        source: random.chance(0.7) ? "s3" : "kms",
        name: "",
        readOnly: true,
        parameters: { bucketName: "northwharf-lake", Host: "s3.eu-central-1.amazonaws.com" },
      };
      const name = action.source === "s3" ? "GetBucketLocation" : "GenerateDataKey";
      stage.happen({ account: user.account, at, identity, action: { ...action, name }, where });
    }
  }
}

interface Login {
  readonly user: UserRef;
  readonly at: number;
  readonly where: Where;
  readonly mfa: boolean;
}

function consoleLogin(stage: Stage, { user, at, where, mfa }: Login, success: boolean): boolean {
  const told = stage.happen({
    account: user.account,
    at,
    identity: userIdentity(user, null),
    action: {
      source: "signin",
      name: "ConsoleLogin",
      readOnly: false,
      response: { ConsoleLogin: success ? "Success" : "Failure" },
    },
    where,
    region: globalRegion,
    // A failed sign-in has a message and no error code.
    ...(success ? {} : { refusal: { code: "", message: "Failed authentication", denied: false } }),
    more: {
      eventType: "AwsConsoleSignIn",
      additionalEventData: {
        LoginTo: `https://console.aws.amazon.com/console/home?region=${homeRegion}`,
        MobileVersion: "No",
        MFAUsed: mfa ? "Yes" : "No",
        ...(mfa ? { MFAIdentifier: mfaSerial(user.account, user.name) } : {}),
      },
    },
  });
  if (told === null) return false;
  if (success) stage.truth.console_logins.succeeded += 1;
  else stage.truth.console_logins.failed += 1;
  if (success && mfa) stage.truth.console_logins.with_mfa += 1;
  return true;
}

/** A console session of an IAM user: no record issues its keys; several keys, one principal, one creation date. */
function userConsole(stage: Stage, random: Random, login: Login, pages: number): TrueSession {
  const { user, at, where, mfa } = login;
  const truth: TrueSession = {
    access_key_id: null,
    principal_id: user.id,
    created_at: isoOf(at),
    api: null,
    origin: "console",
    caller: user.arn,
    role: null,
    session_name: null,
    hops: 0,
    parent_key: null,
    mint_id: null,
    calls: 0,
    calls_by_other_keys: 0,
    denied_calls: 0,
  };
  let moment = at + random.int(2, 9);
  for (let page = 0; page < pages; page += 1) {
    const identity = userIdentity(user, awsId(random, "ASIA"), { createdAt: at, mfa });
    for (let calls = random.int(2, 7); calls > 0; calls -= 1) {
      const told = stage.happen({
        account: user.account,
        at: moment,
        identity,
        action: actionOf("looking", random),
        where,
      });
      if (told !== null) truth.calls_by_other_keys += 1;
      moment += random.int(0, 5);
    }
    moment += random.int(20, 600);
  }
  if (truth.calls_by_other_keys > 0) stage.truth.sessions.push(truth);
  return truth;
}

/** Anders still signs in with a password, and without a second factor; sometimes at the second try. */
function passwordLogin(stage: Stage, random: Random, midnight: number): void {
  const user = userRef("prodWeb", "anders.holm");
  const where = personAt("anders.holm", random);
  const at = stage.freeSecond(user.id, midnight + Math.floor(random.near(9, 1.5) * hour));
  if (random.chance(0.3)) consoleLogin(stage, { user, at: at - random.int(8, 40), where, mfa: false }, false);
  if (consoleLogin(stage, { user, at, where, mfa: false }, true)) {
    userConsole(stage, random, { user, at, where, mfa: false }, random.int(2, 5));
  }
}

/** Jonas signs in with his device and switches role in the console: issued under one key, used under several others. */
function switchedRole(stage: Stage, random: Random, midnight: number): void {
  const user = userRef("prodWeb", "jonas.weiss");
  const where = personAt("jonas.weiss", random);
  const at = stage.freeSecond(user.id, midnight + Math.floor(random.near(13, 2) * hour));
  if (!consoleLogin(stage, { user, at, where, mfa: true }, true)) return;
  userConsole(stage, random, { user, at, where, mfa: true }, 2);
  const key = awsId(random, "ASIA");
  const asker = { ...userAsker(user, where), identity: userIdentity(user, key, { createdAt: at, mfa: true }) };
  const session = assumeRole(stage, random, asker, roleOf("prodWeb", "Switchboard"), {
    at: at + random.int(200, 900),
    sessionName: "jonas.weiss",
    seconds: hour,
    origin: "console",
    mfa: true,
    region: globalRegion,
    parameters: { serialNumber: mfaSerial("prodWeb", "jonas.weiss") },
  });
  if (session === null) return;
  // That AssumeRole was a call of his console session.
  const console = stage.truth.sessions.findLast(({ principal_id }) => principal_id === user.id);
  if (console !== undefined) console.calls_by_other_keys += 1;
  const { sessionContext: _context, ...unkeyed } = session.identity;
  const { accessKeyId: _key, ...identity } = unkeyed;
  stage.happen({
    account: "prodWeb",
    at: session.issued.createdAt,
    identity,
    action: { source: "signin", name: "SwitchRole", readOnly: false, response: { SwitchRole: "Success" } },
    where,
    region: globalRegion,
    more: {
      eventType: "AwsConsoleSignIn",
      additionalEventData: { SwitchFrom: user.arn, RedirectTo: "https://eu-central-1.console.aws.amazon.com/ssm" },
    },
  });
  clicks(stage, random, { ...session, where }, "operating", session.issued.createdAt);
}

function buildServer(stage: Stage, random: Random, midnight: number): void {
  const where = { ip: "192.0.2.60", agent: "aws-cli/1.22.34 Python/3.8.10 Linux/5.4.0-216-generic botocore/1.23.34" };
  const asker = userAsker(userRef("staging", "build-server"), where);
  const session = assumeRole(stage, random, asker, roleOf("staging", "Deploy"), {
    at: midnight + Math.floor(random.near(20, 1) * hour),
    sessionName: "nightly-build",
    seconds: hour,
    origin: "long-term-key",
  });
  if (session !== null) toil({ stage, random }, session, "shipping", 16);
}

/** Somebody guesses at the console: a name that does not exist is hidden, for it may be a password. */
function strangerAtTheDoor(stage: Stage, random: Random, midnight: number): void {
  const at = midnight + Math.floor(random.unit() * day);
  const where = {
    ip: `198.51.100.${random.int(200, 240)}`,
    agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
  };
  const told = stage.happen({
    account: "prodWeb",
    at,
    identity: {
      type: "IAMUser",
      accountId: accounts.prodWeb,
      accessKeyId: "",
      userName: "HIDDEN_DUE_TO_SECURITY_REASONS",
    },
    action: { source: "signin", name: "ConsoleLogin", readOnly: false, response: { ConsoleLogin: "Failure" } },
    where,
    region: globalRegion,
    refusal: { code: "", message: "No username found in supplied account", denied: false },
    more: {
      eventType: "AwsConsoleSignIn",
      additionalEventData: {
        LoginTo: "https://console.aws.amazon.com/console/home",
        MobileVersion: "No",
        MFAUsed: "No",
      },
    },
  });
  if (told !== null) stage.truth.console_logins.failed += 1;
}
