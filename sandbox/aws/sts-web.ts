import { evaluate } from "#/core/iam/evaluate.ts";
import { named, requestContext } from "./authorize.ts";
import { AwsError, type AwsReply, type AwsRequest, type JsonObject, type Trace } from "./call.ts";
import { accountNamed, roleAt } from "./find.ts";
import { Constraints, type Parameters, recordedParameters } from "./parameters.ts";
import { errorReply } from "./protocol.ts";
import { recordsOf } from "./records.ts";
import type { SessionSeal } from "./session.ts";
import type { Account, Organisation } from "./state.ts";
import {
  assumedRoleUser,
  constrainRoleCall,
  recordedAnswer,
  roleSecondsMax,
  type Target,
  termsContext,
  withinRole,
} from "./sts-assume.ts";
import { issue, stsReply } from "./sts-issue.ts";
import { checkedTerms, constrainTags, namePattern, namePatternShown, type Terms, termsOf } from "./sts-terms.ts";
import type { TrailWriter } from "./trail.ts";
import { type IssuerKeys, providerFor, verifyWebToken, type WebIdentity } from "./web-token.ts";

/** What AssumeRoleWithWebIdentity needs: it is not signed, so there is no caller and no `Call`. */
export interface WebDoor {
  readonly organisation: Organisation;
  readonly seal: SessionSeal;
  readonly trail: TrailWriter;
  readonly keysOf: IssuerKeys;
  readonly now: () => Date;
}

/** AssumeRoleWithWebIdentity: tags and source identity come from the signed token alone. Not chaining: up to 12 hours. */
export async function assumeRoleWithWebIdentity(
  door: WebDoor,
  request: AwsRequest,
  parameters: Parameters,
  requestId: string,
): Promise<AwsReply> {
  const roleArn = parameters.get("RoleArn");
  const name = parameters.get("RoleSessionName");
  const token = parameters.get("WebIdentityToken");
  const now = door.now();
  const visit: Visit = { door, request, parameters, requestId, now, roleArn: roleArn ?? "", name: name ?? "" };
  constrainRoleCall(roleArn, name)
    .present("webIdentityToken", token)
    .length("webIdentityToken", token, 4, 20_000)
    .done();
  const asked = termsOf(parameters, { secondsMax: roleSecondsMax, tags: false });
  const account = accountNamed(door.organisation, visit.roleArn.split(":")[4] ?? "");
  if (account === undefined) throw notAuthorized("sts:AssumeRoleWithWebIdentity");
  const trace = traceOf(visit);
  let identity = unprovenIdentity(account, token ?? "");
  try {
    const web = await verifyWebToken(account, door.keysOf, token ?? "", now);
    identity = identityOf(web);
    const { answer, recorded } = assume(visit, web, asked);
    record(visit, account, identity, { ...trace, ...recorded });
    return stsReply({ action: "AssumeRoleWithWebIdentity", requestId }, answer);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    record(visit, account, identity, trace, error);
    return errorReply(error, "query", requestId);
  }
}

interface Visit {
  readonly door: WebDoor;
  readonly request: AwsRequest;
  readonly parameters: Parameters;
  readonly requestId: string;
  readonly now: Date;
  readonly roleArn: string;
  readonly name: string;
}

function assume(visit: Visit, web: WebIdentity, asked: Terms) {
  const terms = termsFor(web, asked);
  const target = roleAt(visit.door.organisation, visit.roleArn);
  if (target === undefined) throw notAuthorized("sts:AssumeRoleWithWebIdentity");
  mayAssume(visit, target, web, terms);
  const { provider, audience, subject } = web;
  const sourceIdentity = terms.sourceIdentity === undefined ? {} : { sourceIdentity: terms.sourceIdentity };
  const issued = issue(
    visit.door.seal,
    {
      kind: "role",
      account: target.account.id,
      of: target.role.name,
      ofId: target.role.id,
      name: visit.name,
      tags: terms.tags,
      transitiveTagKeys: terms.transitiveTagKeys,
      ...sourceIdentity,
      policies: terms.policies,
      policyArns: terms.policyArns,
      depth: 0,
      web: { provider, audience, subject },
      seconds: withinRole(target.role, asked.seconds),
    },
    visit.now,
  );
  const user = assumedRoleUser(target, visit.name);
  const answered = recordedAnswer(issued.recorded, user, terms.packedSize, terms.sourceIdentity);
  return {
    answer: {
      Credentials: issued.credentials,
      SubjectFromWebIdentityToken: subject,
      AssumedRoleUser: { AssumedRoleId: user.assumedRoleId, Arn: user.arn },
      PackedPolicySize: terms.packedSize,
      Provider: provider,
      Audience: audience,
      SourceIdentity: terms.sourceIdentity,
    },
    recorded: {
      requestParameters: requestParametersOf(visit, terms),
      responseElements: { ...answered, provider, audience, subjectFromWebIdentityToken: subject },
      resources: [{ accountId: target.account.id, type: "AWS::IAM::Role", ARN: visit.roleArn }],
    },
  };
}

/** The token's tags and source identity under the same rules as AssumeRole's parameters. */
function termsFor(web: WebIdentity, asked: Terms): Terms {
  const constraints = termsConstraints(web);
  constraints.done();
  return checkedTerms({
    ...asked,
    tags: web.tags,
    transitiveTagKeys: web.transitiveTagKeys,
    ...(web.sourceIdentity === undefined ? {} : { sourceIdentity: web.sourceIdentity }),
  });
}

function termsConstraints(web: WebIdentity) {
  const constraints = new Constraints()
    .atMost("principalTags", web.tags, 50)
    .length("sourceIdentity", web.sourceIdentity, 2, 64)
    .pattern("sourceIdentity", web.sourceIdentity, namePattern, namePatternShown);
  constrainTags(constraints, web.tags);
  return constraints;
}

function mayAssume(visit: Visit, target: Target, web: WebIdentity, terms: Terms): void {
  const { organisation } = visit.door;
  const context = {
    ...requestContext({ organisation, request: visit.request, region: organisation.homeRegion, now: visit.now }),
    "aws:FederatedProvider": web.provider,
    [`${web.host}:aud`]: web.audience,
    [`${web.host}:sub`]: web.subject,
    "sts:RoleSessionName": visit.name,
    ...termsContext(terms),
  };
  const trust = named("trust policy", target.role.trustPolicy, "trust");
  const allows = (action: string): boolean => {
    const principal = { type: "Federated", provider: web.provider } as const;
    const asked = { principal, action, resource: visit.roleArn, resourceAccount: target.account.id, context };
    return evaluate(asked, { identity: [], trust }).effect === "allowed";
  };
  const actions = ["sts:AssumeRoleWithWebIdentity"];
  if (Object.keys(terms.tags).length > 0) actions.push("sts:TagSession");
  if (terms.sourceIdentity !== undefined) actions.push("sts:SetSourceIdentity");
  const refused = actions.find((action) => !allows(action));
  if (refused !== undefined) throw notAuthorized(refused);
}

const notAuthorized = (action: string): AwsError =>
  new AwsError("AccessDenied", `Not authorized to perform ${action}`, 403);

const identityOf = (web: WebIdentity): JsonObject => ({
  type: "WebIdentityUser",
  principalId: `${web.provider}:${web.audience}:${web.subject}`,
  userName: web.subject,
  identityProvider: web.provider,
});

/** Before the signature is checked the token proves nobody: at most which provider it claims. */
function unprovenIdentity(account: Account, token: string): JsonObject {
  try {
    const { provider } = providerFor(account, token);
    return { type: "WebIdentityUser", identityProvider: `arn:aws:iam::${account.id}:oidc-provider/${provider.url}` };
  } catch {
    return { type: "WebIdentityUser" };
  }
}

function requestParametersOf(visit: Visit, terms: Terms): JsonObject {
  const hasTags = Object.keys(terms.tags).length > 0;
  return {
    ...recordedParameters(visit.parameters),
    ...(terms.sourceIdentity === undefined ? {} : { sourceIdentity: terms.sourceIdentity }),
    ...(hasTags ? { principalTags: terms.tags } : {}),
    ...(terms.transitiveTagKeys.length > 0 ? { transitiveTagKeys: terms.transitiveTagKeys } : {}),
  };
}

function traceOf(visit: Visit): Trace {
  const { homeRegion } = visit.door.organisation;
  return {
    readOnly: true,
    requestParameters: recordedParameters(visit.parameters),
    responseElements: null,
    category: "Management",
    additionalEventData: {
      identityProviderConnectionVerificationMethod: "IAMTrustStore",
      RequestDetails: { awsServingRegion: homeRegion, endpointType: "regional" },
    },
  };
}

/** The role's account alone is told; the unsigned call has no Region but the trail's own. */
function record(visit: Visit, account: Account, identity: JsonObject, trace: Trace, error?: AwsError): void {
  const { door, request, requestId, now } = visit;
  const records = recordsOf(
    {
      source: "sts.amazonaws.com",
      name: "AssumeRoleWithWebIdentity",
      region: door.organisation.homeRegion,
      request,
      requestId,
      at: now,
      trace,
      identity,
      account: account.id,
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    },
    identity,
  );
  door.trail.record(records, now);
}
