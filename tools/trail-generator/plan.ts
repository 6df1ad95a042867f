import { isoOf } from "#/sandbox/story/clock.ts";
import { awsId } from "#/sandbox/story/random.ts";
import { action, agent } from "./calls.ts";
import {
  type Action,
  assumedRole,
  type BenchSession,
  iamUser,
  issued,
  record,
  roleResource,
  service,
  type Where,
} from "./records.ts";
import { assume, calls, newSession, type Planner, placeOf, rolesOf, use } from "./sessions.ts";

const services = ["lambda", "ec2", "ecs-tasks", "glue"] as const;

/** One way in, with all that follows from it: an issue (or a refusal), its calls, the chain behind it. */
export function wayIn(planner: Planner, at: number): void {
  const { random } = planner;
  const roll = random.unit();
  if (roll < 0.34) broker(planner, at);
  else if (roll < 0.66) byService(planner, at);
  else if (roll < 0.76) pipeline(planner, at);
  else if (roll < 0.86) byUser(planner, at);
  else if (roll < 0.9) saml(planner, at);
  else if (roll < 0.94) sessionToken(planner, at);
  else if (roll < 0.98) consoleLogin(planner, at);
  else unrecorded(planner, at);
}

function broker(planner: Planner, at: number): void {
  const { random, world } = planner;
  const role = random.pick(rolesOf(planner, "person"));
  const person = random.pick(world.people);
  const provider = `arn:aws:iam::${role.account}:oidc-provider/issuer.bench.test`;
  const subject = `${role.account}:${role.name}:${person.id}`;
  const identity = `{"type":"WebIdentityUser","principalId":"${provider}:sts.amazonaws.com:${subject}","userName":"${subject}","identityProvider":"${provider}"}`;
  const name = `${person.name}.${person.id.slice(2)}`;
  const session = newSession(planner, role, name, at, person.id);
  const mint = `m_${random.text("0123456789abcdefghjkmnpqrstvwxyz", 26)}`;
  const parameters = `{"roleArn":"${role.arn}","roleSessionName":"${name}","durationSeconds":14400,"sourceIdentity":"${person.id}","principalTags":{"RoletrailMint":"${mint}"},"transitiveTagKeys":["RoletrailMint"]}`;
  const where = { ip: person.ip, agent: agent(random) };
  issueByToken(
    planner,
    identity,
    `web:${provider}/${subject}`,
    "AssumeRoleWithWebIdentity",
    parameters,
    session,
    where,
  );
}

function pipeline(planner: Planner, at: number): void {
  const { random } = planner;
  const role = random.pick(rolesOf(planner, "pipeline"));
  const host = "token.actions.githubusercontent.com";
  const provider = `arn:aws:iam::${role.account}:oidc-provider/${host}`;
  const subject = `repo:bench/app-${random.int(1, 12)}:ref:refs/heads/main`;
  const identity = `{"type":"WebIdentityUser","principalId":"${provider}:sts.amazonaws.com:${subject}","userName":"${subject}","identityProvider":"${provider}"}`;
  const session = newSession(planner, role, `run-${random.hex(10)}`, at);
  const parameters = `{"roleArn":"${role.arn}","roleSessionName":"${session.name}","durationSeconds":3600}`;
  const where = { ip: `198.51.100.${random.int(1, 200)}`, agent: agent(random) };
  issueByToken(
    planner,
    identity,
    `web:${provider}/${subject}`,
    "AssumeRoleWithWebIdentity",
    parameters,
    session,
    where,
  );
}

function saml(planner: Planner, at: number): void {
  const { random, world } = planner;
  const role = random.pick(rolesOf(planner, "person"));
  const person = random.pick(world.people);
  const name = `${person.name}@bench.example`;
  const identity = `{"type":"SAMLUser","principalId":"bEnChQuAlIfIeR=:${name}","userName":"${name}","identityProvider":"bEnChQuAlIfIeR="}`;
  const session = newSession(planner, role, name, at);
  const parameters = `{"sAMLAssertionID":"_${random.uuid()}","roleSessionName":"${name}","durationSeconds":14400,"roleArn":"${role.arn}","principalArn":"arn:aws:iam::${role.account}:saml-provider/idp"}`;
  const where = { ip: person.ip, agent: agent(random) };
  issueByToken(planner, identity, `saml:bEnChQuAlIfIeR=/${name}`, "AssumeRoleWithSAML", parameters, session, where);
}

function issueByToken(
  planner: Planner,
  identity: string,
  caller: string,
  api: string,
  parameters: string,
  given: BenchSession,
  where: Where,
): void {
  const { random, counting } = planner;
  const session = counting.free(given);
  const place = placeOf(planner, session.account, session.created);
  const call: Action = {
    source: "sts",
    name: api,
    readOnly: true,
    parameters,
    response: issued(session, 14_400, random),
  };
  planner.emit(place, record(identity, call, place, where, random, roleResource(session.role, session.account)));
  counting.edge(caller, session.role, api, true);
  counting.issued(api, 1, false);
  use(planner, session, place.region, where, 1);
}

function byService(planner: Planner, at: number): void {
  const { random, counting } = planner;
  const role = random.pick(rolesOf(planner, "service"));
  const by = random.pick(services);
  const session = newSession(planner, role, `i-${random.hex(17)}`, at);
  const place = placeOf(planner, role.account, at);
  const where = { ip: `${by}.amazonaws.com`, agent: `${by}.amazonaws.com` };
  const parameters = `{"roleArn":"${role.arn}","roleSessionName":"${session.name}"}`;
  const call: Action = {
    source: "sts",
    name: "AssumeRole",
    readOnly: true,
    parameters,
    response: issued(session, 21_600, random),
  };
  const more = `"sharedEventID":"${random.uuid()}",${roleResource(role.arn, role.account)}`;
  planner.emit(place, record(service(by), call, place, where, random, more));
  counting.edge(`service:${by}.amazonaws.com`, role.arn, "AssumeRole", true);
  counting.issued("AssumeRole", 1, false);
  use(planner, session, place.region, { ip: `192.0.2.${random.int(1, 250)}`, agent: agent(random) }, 9);
}

function byUser(planner: Planner, at: number): void {
  const { random, world } = planner;
  const user = random.pick(world.users);
  const caller = {
    identity: iamUser(user, user.key),
    name: `arn:aws:iam::${user.account}:user/${user.name}`,
    account: user.account,
  };
  const where = { ip: `192.0.2.${random.int(1, 250)}`, agent: agent(random) };
  assume(
    planner,
    caller,
    random.pick(rolesOf(planner, "person")),
    user.name,
    at,
    placeOf(planner, user.account, at).region,
    where,
    0,
  );
}

function sessionToken(planner: Planner, at: number): void {
  const { random, world, counting } = planner;
  const user = random.pick(world.users);
  const federated = random.chance(0.3);
  const api = federated ? "GetFederationToken" : "GetSessionToken";
  const place = placeOf(planner, user.account, counting.freeUser(user.name, at));
  const where = { ip: `192.0.2.${random.int(1, 250)}`, agent: agent(random) };
  const key = awsId(random, "ASIA");
  const name = `report-${random.hex(8)}`;
  const credentials = `"credentials":{"accessKeyId":"${key}","sessionToken":"${random.hex(340)}","expiration":"Nov 1, 2026, 9:05:01 PM"}`;
  const arn = `arn:aws:sts::${user.account}:federated-user/${name}`;
  const call: Action = federated
    ? {
        source: "sts",
        name: api,
        readOnly: false,
        parameters: `{"name":"${name}","durationSeconds":3600}`,
        response: `{${credentials},"federatedUser":{"federatedUserId":"${user.account}:${name}","arn":"${arn}"},"packedPolicySize":4}`,
      }
    : {
        source: "sts",
        name: api,
        readOnly: true,
        parameters: `{"durationSeconds":3600}`,
        response: `{${credentials}}`,
      };
  planner.emit(place, record(iamUser(user, user.key), call, place, where, random));
  counting.issued(api, 0, false);
  const identity = federated
    ? `{"type":"FederatedUser","principalId":"${user.account}:${name}","arn":"${arn}","accountId":"${user.account}","accessKeyId":"${key}","sessionContext":{"sessionIssuer":{"type":"IAMUser","principalId":"${user.id}","arn":"arn:aws:iam::${user.account}:user/${user.name}","accountId":"${user.account}","userName":"${user.name}"},"webIdFederationData":{},"attributes":{"creationDate":"${isoOf(place.at)}","mfaAuthenticated":"false"}}}`
    : iamUser(user, key, place.at);
  const made = calls(planner, identity, place, where, random.int(0, 20));
  counting.used(made);
}

function consoleLogin(planner: Planner, at: number): void {
  const { random, world, counting } = planner;
  const user = random.pick(world.users);
  const place = placeOf(planner, user.account, counting.freeUser(user.name, at));
  const where = {
    ip: `192.0.2.${random.int(1, 250)}`,
    agent: "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
  };
  const identity = `{"type":"IAMUser","principalId":"${user.id}","accountId":"${user.account}","arn":"arn:aws:iam::${user.account}:user/${user.name}","userName":"${user.name}"}`;
  const call: Action = {
    source: "signin",
    name: "ConsoleLogin",
    readOnly: false,
    parameters: "null",
    response: `{"ConsoleLogin":"Success"}`,
  };
  const more = `"additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"Yes"},`;
  planner.emit(place, record(identity, call, place, where, random, more).replace(`"AwsApiCall"`, `"AwsConsoleSignIn"`));
  let keys = 0;
  let made = 0;
  for (let key = random.int(1, 4); key > 0; key -= 1) {
    const some = calls(planner, iamUser(user, awsId(random, "ASIA"), place.at), place, where, random.int(1, 6)).calls;
    if (some > 0) keys += 1;
    made += some;
  }
  counting.withoutRecord(keys, made);
}

/** A role session whose issue happened before the log, or where nobody recorded it. */
function unrecorded(planner: Planner, at: number): void {
  const { random } = planner;
  const role = random.pick(rolesOf(planner, "service"));
  const session = newSession(planner, role, `i-${random.hex(17)}`, at);
  const place = placeOf(planner, role.account, at);
  const made = calls(
    planner,
    assumedRole(session),
    place,
    { ip: "192.0.2.9", agent: agent(random) },
    random.int(1, 40),
  ).calls;
  planner.counting.withoutRecord(made > 0 ? 1 : 0, made);
}

/** What fills a day up to its number of events: long-term keys and services, in no session. */
export function filler(planner: Planner, at: number): void {
  const { random, world } = planner;
  const user = random.pick(world.users);
  const place = placeOf(planner, user.account, at);
  if (random.chance(0.5)) {
    const where = { ip: `192.0.2.${random.int(1, 250)}`, agent: agent(random) };
    planner.emit(place, record(iamUser(user, user.key), action(random), place, where, random));
    return;
  }
  const by = random.pick(services);
  const where = { ip: `${by}.amazonaws.com`, agent: `${by}.amazonaws.com` };
  planner.emit(place, record(service(by), action(random), place, where, random));
}
