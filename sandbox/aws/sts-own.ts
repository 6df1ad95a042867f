import { rootName } from "./authenticate.ts";
import { AwsError, type AwsReply, type Call } from "./call.ts";
import { accountNamed, userNamed } from "./find.ts";
import { Constraints, wholeNumber } from "./parameters.ts";
import type { SessionSeal } from "./session.ts";
import { issue, stsReply } from "./sts-issue.ts";
import { checkMfa } from "./sts-mfa.ts";
import { namePattern, namePatternShown, termsOf } from "./sts-terms.ts";

/** GetSessionToken: an IAM user's (or root's) own rights under a temporary key, with MFA where a code is given. */
export function getSessionToken(seal: SessionSeal, call: Call): AwsReply {
  const { parameters, trace } = call;
  const wanted = wholeNumber(parameters, "DurationSeconds");
  const serial = parameters.get("SerialNumber");
  const code = parameters.get("TokenCode");
  new Constraints()
    .between("durationSeconds", wanted, 900, secondsMax)
    .length("serialNumber", serial, 9, 256)
    .pattern("serialNumber", serial, /^[\w+=/:,.@-]*$/, "[\\w+=/:,.@-]*")
    .pattern("tokenCode", code, /^\d{6}$/, "[\\d]*")
    .done();
  const owner = ownerOf(call);
  const mfaAt = checkMfa(call, serial, code);
  const order = { ...nothing, kind: "session-token", name: "", seconds: secondsFor(call, wanted) } as const;
  const issued = issue(seal, { ...order, ...owner, ...(mfaAt === undefined ? {} : { mfaAt }) }, call.now);
  trace.responseElements = { credentials: issued.recorded };
  return stsReply(call, { Credentials: issued.credentials });
}

/** GetFederationToken: the user's rights cut down to the session policy; without one, none at all. */
export function getFederationToken(seal: SessionSeal, call: Call): AwsReply {
  const { parameters, trace } = call;
  trace.readOnly = false;
  const name = parameters.get("Name");
  new Constraints()
    .present("name", name)
    .length("name", name, 2, 32)
    .pattern("name", name, namePattern, namePatternShown)
    .done();
  const terms = termsOf(parameters, { secondsMax, tags: true });
  const owner = ownerOf(call);
  const arn = `arn:aws:sts::${owner.account}:federated-user/${name}`;
  const tagContext = Object.entries(terms.tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  const context = { ...Object.fromEntries(tagContext), "aws:TagKeys": Object.keys(terms.tags) };
  call.authorize({ action: "sts:GetFederationToken", resource: arn, context });
  if (Object.keys(terms.tags).length > 0) call.authorize({ action: "sts:TagSession", resource: arn, context });
  const seconds = secondsFor(call, terms.seconds);
  const issued = issue(
    seal,
    {
      ...nothing,
      ...owner,
      kind: "federation-token",
      name: name ?? "",
      // A federated session's tags are never transitive.
      tags: terms.tags,
      policies: terms.policies,
      policyArns: terms.policyArns,
      seconds,
    },
    call.now,
  );
  const federatedUserId = `${owner.account}:${name}`;
  const packed = terms.packedSize === undefined ? {} : { packedPolicySize: terms.packedSize };
  trace.responseElements = { credentials: issued.recorded, federatedUser: { federatedUserId, arn }, ...packed };
  return stsReply(call, {
    Credentials: issued.credentials,
    FederatedUser: { FederatedUserId: federatedUserId, Arn: arn },
    PackedPolicySize: terms.packedSize,
  });
}

const secondsMax = 129_600;
const secondsDefault = 43_200;
/** Root is held to an hour, whatever it asks. */
const rootSecondsMax = 3_600;
const nothing = { tags: {}, transitiveTagKeys: [], policies: [], policyArns: [], depth: 0 } as const;

function secondsFor(call: Call, wanted: number | undefined): number {
  const seconds = wanted ?? secondsDefault;
  return call.caller.type === "Root" ? Math.min(seconds, rootSecondsMax) : seconds;
}

/** @throws AwsError AccessDenied for temporary credentials: only long-term keys may ask. */
function ownerOf(call: Call): { account: string; of: string; ofId: string } {
  const { caller, organisation, action } = call;
  if (caller.session !== undefined)
    throw new AwsError("AccessDenied", `Cannot call ${action} with session credentials`, 403);
  if (caller.type === "Root") return { account: caller.account, of: rootName, ofId: caller.account };
  const account = accountNamed(organisation, caller.account);
  const user = account === undefined || caller.type !== "IAMUser" ? undefined : userNamed(account, caller.userName);
  if (user === undefined) throw new Error("a long-term key without its user");
  return { account: caller.account, of: user.name, ofId: user.id };
}
