import { AwsError, type AwsRequest, type Caller, type Session } from "./call.ts";
import { accountNamed, roleNamed, userNamed } from "./find.ts";
import { invalidToken, type SessionSeal } from "./session.ts";
import { type Claim, verifySignature } from "./sigv4.ts";
import type { Account, Organisation, User } from "./state.ts";

/** Who sends this, and the secret it was signed with (a streamed body's chunks are signed with it too). */
export interface Authenticated {
  readonly caller: Caller;
  readonly secret: string;
}

/** @throws AwsError InvalidClientTokenId, ExpiredToken, SignatureDoesNotMatch, RequestTimeTooSkewed, … */
export function authenticate(
  organisation: Organisation,
  seal: SessionSeal,
  request: AwsRequest,
  claim: Claim,
  now: Date,
): Authenticated {
  if (claim.token === undefined) return withLongTermKey(organisation, request, claim, now);
  const session = seal.open(claim.token);
  if (session.accessKeyId !== claim.accessKeyId) throw invalidToken();
  const secret = seal.secretOf(session.accessKeyId);
  verifySignature(request, claim, secret, now);
  return { caller: callerOf(organisation, session, now), secret };
}

/** The caller behind a session that is still good. @throws AwsError ExpiredToken, InvalidClientTokenId. */
export function callerOf(organisation: Organisation, session: Session, now: Date): Caller {
  if (now.getTime() / 1000 >= session.expiresAt)
    throw new AwsError("ExpiredToken", "The security token included in the request is expired", 403);
  const account = accountNamed(organisation, session.account);
  if (account === undefined) throw invalidToken();
  if (session.kind === "role") return roleCaller(account, session);
  if (session.of === rootName) return rootCaller(account, session.accessKeyId, session);
  const user = userNamed(account, session.of);
  if (user?.id !== session.ofId) throw invalidToken();
  if (session.kind === "session-token") return userCaller(account, user, session.accessKeyId, session);
  return {
    type: "FederatedUser",
    account: account.id,
    arn: `arn:aws:sts::${account.id}:federated-user/${session.name}`,
    userId: `${account.id}:${session.name}`,
    accessKeyId: session.accessKeyId,
    userName: user.name,
    session,
  };
}

export const rootName = "<root>";

function withLongTermKey(organisation: Organisation, request: AwsRequest, claim: Claim, now: Date): Authenticated {
  const found = longTermKey(organisation, claim.accessKeyId);
  if (found === undefined) throw invalidToken();
  verifySignature(request, claim, found.secret, now);
  return found;
}

function longTermKey(organisation: Organisation, accessKeyId: string): Authenticated | undefined {
  for (const account of organisation.accounts) {
    const root = account.rootKeys?.find((key) => key.id === accessKeyId && key.active);
    if (root !== undefined) return { caller: rootCaller(account, accessKeyId), secret: root.secret };
    for (const user of account.users) {
      const key = user.accessKeys.find((one) => one.id === accessKeyId && one.active);
      if (key !== undefined) return { caller: userCaller(account, user, accessKeyId), secret: key.secret };
    }
  }
  return undefined;
}

function userCaller(account: Account, user: User, accessKeyId: string, session?: Session): Caller {
  return {
    type: "IAMUser",
    account: account.id,
    arn: `arn:aws:iam::${account.id}:user${user.path}${user.name}`,
    userId: user.id,
    accessKeyId,
    userName: user.name,
    ...(session === undefined ? {} : { session }),
  };
}

function rootCaller(account: Account, accessKeyId: string, session?: Session): Caller {
  const arn = `arn:aws:iam::${account.id}:root`;
  return {
    type: "Root",
    account: account.id,
    arn,
    userId: account.id,
    accessKeyId,
    ...(session === undefined ? {} : { session }),
  };
}

/** A role deleted since, or made anew under the same name, ends its sessions. */
function roleCaller(account: Account, session: Session): Caller {
  const role = roleNamed(account, session.of);
  if (role?.id !== session.ofId) throw invalidToken();
  return {
    type: "AssumedRole",
    account: account.id,
    arn: `arn:aws:sts::${account.id}:assumed-role/${role.name}/${session.name}`,
    userId: `${role.id}:${session.name}`,
    accessKeyId: session.accessKeyId,
    roleName: role.name,
    session,
  };
}
