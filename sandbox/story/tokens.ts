import { accounts } from "./accounts.ts";
import { hour, isoOf, minute } from "./clock.ts";
import { mfaSerial } from "./organisation.ts";
import { awsId, type Random } from "./random.ts";
import { credentials, type Identity, userIdentity } from "./shapes.ts";
import type { Stage } from "./stage.ts";
import { assumeRole, refuseAssume, roleOf } from "./sts.ts";
import { toil } from "./toil.ts";
import type { TrueSession } from "./truth.ts";
import { dashboards, userAsker, userRef } from "./user-refs.ts";

/** GetFederationToken: its sessions are FederatedUser and cannot go further. */
export function federatedDashboard(stage: Stage, random: Random, midnight: number): void {
  const user = userRef("prodData", "dashboards");
  const asker = userAsker(user, dashboards);
  const name = "wallboard";
  const arn = `arn:aws:sts::${accounts.prodData}:federated-user/${name}`;
  const principal = `${accounts.prodData}:${name}`;
  const at = stage.freeSecond(principal, midnight + Math.floor(random.near(7, 0.5) * hour));
  const key = awsId(random, "ASIA");
  const told = stage.happen({
    account: "prodData",
    at,
    identity: asker.identity,
    action: {
      source: "sts",
      name: "GetFederationToken",
      readOnly: false,
      parameters: {
        name,
        durationSeconds: 12 * hour,
        policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"athena:Get*","Resource":"*"}]}',
      },
      response: {
        credentials: credentials(key, at + 12 * hour, random),
        federatedUser: { federatedUserId: principal, arn },
        packedPolicySize: 5,
      },
    },
    where: dashboards,
  });
  if (told === null) return;
  const truth = tokenTruth({ key, principal, at, api: "GetFederationToken", caller: user.arn });
  stage.truth.sessions.push(truth);
  const identity = federatedIdentity(key, name, at);
  for (let call = 0; call < 24; call += 1) {
    const action = {
      source: "athena",
      name: "GetQueryResults",
      readOnly: true,
      parameters: { queryExecutionId: random.uuid() },
    };
    const made = stage.happen({
      account: "prodData",
      at: at + 60 + call * random.int(300, 1700),
      identity,
      action,
      where: dashboards,
    });
    if (made !== null) truth.calls += 1;
  }
}

/** FederatedUser: its session issuer is the IAM user who made it. */
function federatedIdentity(key: string, name: string, at: number): Identity {
  const user = userRef("prodData", "dashboards");
  return {
    type: "FederatedUser",
    principalId: `${accounts.prodData}:${name}`,
    arn: `arn:aws:sts::${accounts.prodData}:federated-user/${name}`,
    accountId: accounts.prodData,
    accessKeyId: key,
    sessionContext: {
      sessionIssuer: {
        type: "IAMUser",
        principalId: user.id,
        arn: user.arn,
        accountId: accounts.prodData,
        userName: user.name,
      },
      webIdFederationData: {},
      attributes: { creationDate: isoOf(at), mfaAuthenticated: "false" },
    },
  };
}

interface Token {
  readonly key: string;
  readonly principal: string;
  readonly at: number;
  readonly api: string;
  readonly caller: string;
}

const tokenTruth = ({ key, principal, at, api, caller }: Token): TrueSession => ({
  access_key_id: key,
  principal_id: principal,
  created_at: isoOf(at),
  api,
  origin: "long-term-key",
  caller,
  role: null,
  session_name: null,
  hops: 0,
  parent_key: null,
  mint_id: null,
  calls: 0,
  calls_by_other_keys: 0,
  denied_calls: 0,
});

/** The yearly fire drill: break-glass takes a session token with its device, then the role that asks for one. */
export function fireDrill(stage: Stage, random: Random, noon: number): void {
  const user = userRef("orgRoot", "break-glass");
  const where = {
    ip: "203.0.113.10",
    agent: "aws-cli/2.31.4 md/awscrt#0.28.2 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.7 md/command#sts",
  };
  const asker = userAsker(user, where);
  const at = stage.freeSecond(user.id, noon);
  const key = awsId(random, "ASIA");
  const action = {
    source: "sts",
    name: "GetSessionToken",
    readOnly: true,
    parameters: { durationSeconds: hour, serialNumber: mfaSerial("orgRoot", "break-glass") },
    response: { credentials: credentials(key, at + hour, random) },
  };
  if (stage.happen({ account: "orgRoot", at, identity: asker.identity, action, where }) === null) return;
  const truth = tokenTruth({ key, principal: user.id, at, api: "GetSessionToken", caller: user.arn });
  stage.truth.sessions.push(truth);
  // Without the device first: refused, as the role asks.
  const why = " because no identity-based policy allows the sts:AssumeRole action";
  refuseAssume(stage, asker, roleOf("orgRoot", "BreakGlassAdmin").arn, at - 4 * minute, why);
  const withToken = { ...asker, key, identity: userIdentity(user, key, { createdAt: at, mfa: true }) };
  const session = assumeRole(stage, random, withToken, roleOf("orgRoot", "BreakGlassAdmin"), {
    at: at + 30,
    sessionName: "fire-drill",
    seconds: hour,
    origin: "long-term-key",
    mfa: true,
  });
  if (session === null) return;
  truth.calls += 1;
  toil({ stage, random }, session, "organising", 6);
}
