import { AwsError, type AwsReply, type Call, type ServiceHandler } from "./call.ts";
import { accountInKey, type SessionSeal } from "./session.ts";
import { assumeRole } from "./sts-assume.ts";
import { stsReply } from "./sts-issue.ts";
import { getFederationToken, getSessionToken } from "./sts-own.ts";

/** The signed calls of STS. AssumeRoleWithWebIdentity is unsigned and has its own door (`sts-web.ts`). */
export function sts(seal: SessionSeal): ServiceHandler {
  const actions: Readonly<Record<string, (call: Call) => AwsReply>> = {
    AssumeRole: (call) => assumeRole(seal, call),
    GetSessionToken: (call) => getSessionToken(seal, call),
    GetFederationToken: (call) => getFederationToken(seal, call),
    GetCallerIdentity: getCallerIdentity,
    GetAccessKeyInfo: getAccessKeyInfo,
  };
  return (call) => {
    const action = Object.hasOwn(actions, call.action) ? actions[call.action] : undefined;
    if (action === undefined)
      throw new AwsError("InvalidAction", `Could not find operation ${call.action} for version 2011-06-15`);
    call.trace.readOnly = true;
    call.trace.additionalEventData = {
      RequestDetails: { awsServingRegion: call.region, endpointType: "regional" },
    };
    refuseForKind(call);
    return action(call);
  };
}

/** Answers whoever signs, even when every policy denies it: so it never proves a revocation. */
function getCallerIdentity(call: Call): AwsReply {
  const { arn, userId, account } = call.caller;
  return stsReply(call, { Arn: arn, UserId: userId, Account: account });
}

function getAccessKeyInfo(call: Call): AwsReply {
  call.authorize({ action: "sts:GetAccessKeyInfo", resource: "*" });
  const keyId = call.parameters.get("AccessKeyId") ?? "";
  const known = call.organisation.accounts.find(({ users }) =>
    users.some((user) => user.accessKeys.some((key) => key.id === keyId)),
  );
  const account = known?.id ?? accountInKey(keyId);
  if (account === undefined || keyId.length < 16)
    throw new AwsError("ValidationError", "The access key ID is not of the right form");
  return stsReply(call, { Account: account });
}

/** GetSessionToken's result may only assume roles, GetFederationToken's only ask who it is. */
function refuseForKind({ caller, action }: Call): void {
  const { session } = caller;
  if (session === undefined || session.kind === "role" || action === "GetCallerIdentity") return;
  if (session.kind === "session-token" && action === "AssumeRole") return;
  // These say more about themselves where they refuse.
  if (action === "GetSessionToken" || action === "GetFederationToken") return;
  const resource = action === "AssumeRole" ? "" : " with these credentials";
  throw new AwsError("AccessDenied", `User: ${caller.arn} is not authorized to perform: sts:${action}${resource}`, 403);
}
