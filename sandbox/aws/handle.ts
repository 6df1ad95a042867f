import { randomUUID } from "node:crypto";
import { authenticate } from "./authenticate.ts";
import { authorize } from "./authorize.ts";
import {
  AwsError,
  type AwsReply,
  type AwsRequest,
  type Call,
  type Caller,
  type ServiceHandler,
  type Trace,
} from "./call.ts";
import { unchunked } from "./chunked.ts";
import { accountNamed } from "./find.ts";
import type { KeptOrganisation } from "./keep.ts";
import { type Parameters, recordedParameters } from "./parameters.ts";
import { errorReply, inProtocol, type Protocol, protocolOf } from "./protocol.ts";
import { identityOf, recordsOf, strangerOf } from "./records.ts";
import { invalidToken, type SessionSeal } from "./session.ts";
import { type Claim, claimOf } from "./sigv4.ts";
import type { TrailWriter } from "./trail.ts";
import { formOf, splitPath } from "./uri.ts";

/** What the sandbox account stands on; all of it handed in, so a test runs one inside itself. */
export interface Sandbox {
  readonly kept: KeptOrganisation;
  readonly seal: SessionSeal;
  readonly trail: TrailWriter;
  readonly now: () => Date;
  /** Answers signed calls, by the service of the signature's scope. */
  readonly services: Readonly<Record<string, ServiceHandler>>;
  /** Answers what is not signed (AssumeRoleWithWebIdentity, the console's doors); undefined when it is none of these. */
  readonly unsigned: (request: AwsRequest, parameters: Parameters, requestId: string) => Promise<AwsReply | undefined>;
  /** Where a fault of ours is told; the answer carries only its request id. */
  readonly log: (text: string) => void;
}

/** One request in, one answer out, and its record on the way to the trail. Never throws. */
export async function handle(sandbox: Sandbox, request: AwsRequest): Promise<AwsReply> {
  const requestId = randomUUID();
  let protocol = guessedProtocol(request);
  try {
    const parameters = parametersOf(request);
    const claim = claimOf(request);
    if (claim === undefined) return await unsigned(sandbox, request, parameters, requestId);
    protocol = protocolOf(claim.scope.service, isForm(request));
    const now = sandbox.now();
    const { caller, secret } = authenticate(sandbox.kept.organisation, sandbox.seal, request, claim, now);
    refuseForIam(caller, claim);
    const whole = unchunked(request, claim, secret);
    return await answer(sandbox, { request: whole, claim, parameters, requestId, now, caller, protocol });
  } catch (error) {
    return errorReply(inProtocol(known(sandbox, error, requestId), protocol), protocol, requestId);
  }
}

/** IAM takes GetSessionToken's credentials only with MFA, GetFederationToken's never (API model of STS). */
function refuseForIam({ session }: Caller, { scope }: Claim): void {
  if (scope.service !== "iam" || session === undefined || session.kind === "role") return;
  if (session.kind === "federation-token" || session.mfaAt === undefined) throw invalidToken();
}

interface Verified {
  readonly request: AwsRequest;
  readonly claim: Claim;
  readonly parameters: Parameters;
  readonly requestId: string;
  readonly now: Date;
  readonly caller: Caller;
  readonly protocol: Protocol;
}

async function answer(sandbox: Sandbox, verified: Verified): Promise<AwsReply> {
  const { service } = verified.claim.scope;
  const handler = Object.hasOwn(sandbox.services, service) ? sandbox.services[service] : undefined;
  if (handler === undefined)
    throw new AwsError("UnknownOperationException", `The sandbox account does not simulate ${service}.`, 404);
  const call = callOf(sandbox, verified);
  try {
    const reply = await handler(call);
    record(sandbox, call);
    return withRequestId(reply, verified);
  } catch (error) {
    const shown = inProtocol(known(sandbox, error, verified.requestId), verified.protocol);
    record(sandbox, call, shown);
    return errorReply(shown, verified.protocol, verified.requestId);
  }
}

function callOf(sandbox: Sandbox, verified: Verified): Call {
  const { caller, claim, parameters, request, now, requestId } = verified;
  const { organisation } = sandbox.kept;
  const account = accountNamed(organisation, caller.account);
  if (account === undefined) throw new Error(`a caller of no account: ${caller.account}`);
  const action = parameters.get("Action") ?? request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
  const trace: Trace = {
    readOnly: /^(Get|List|Describe|Simulate|Head)/.test(action),
    requestParameters: recordedParameters(parameters),
    responseElements: null,
    category: "Management",
  };
  const { region, service } = claim.scope;
  const asker = { caller, organisation, request, region, now };
  return {
    ...asker,
    service,
    action,
    parameters,
    account,
    requestId,
    trace,
    authorize: (ask) => authorize(asker, ask),
    save: () => sandbox.kept.save(),
  };
}

/** IAM's records land in us-east-1 since 22 Nov 2021, whatever Region signed. */
const regionOf = (call: Call): string => (call.service === "iam" ? "us-east-1" : call.region);

function record(sandbox: Sandbox, call: Call, error?: AwsError): void {
  const name = call.trace.eventName ?? call.action;
  // A call to S3 that is not simulated here has none, and a record without one would be no record of CloudTrail's.
  if (name === "") return;
  const { organisation } = sandbox.kept;
  const isBlind = error !== undefined && isDenial(error) && call.service !== "s3";
  const records = recordsOf(
    {
      source: `${call.service}.amazonaws.com`,
      name,
      region: regionOf(call),
      request: call.request,
      requestId: call.requestId,
      at: call.now,
      // A denied call was never taken apart: real denials carry no parameters (18 of 18 in public logs).
      trace: isBlind ? { ...call.trace, requestParameters: null } : call.trace,
      identity: identityOf(organisation, call.caller),
      account: call.caller.account,
      ...(error === undefined ? {} : { error: { code: recordedCode(call, error), message: error.message } }),
    },
    strangerOf(call.caller),
  );
  sandbox.trail.record(records, call.now);
}

/** For what is not signed, or not well: a path is S3's, a target header JSON's. */
function guessedProtocol(request: AwsRequest): Protocol {
  if (request.headers["x-amz-target"] !== undefined) return "json";
  return splitPath(request.path).pathname === "/" ? "query" : "s3";
}

const isDenial = (error: AwsError): boolean => /^AccessDenied/.test(error.code);

/** CloudTrail shows IAM's errors under the names of its model: NoSuchEntityException, not NoSuchEntity. */
function recordedCode(call: Call, error: AwsError): string {
  const isShort = call.service === "iam" && !isDenial(error) && !error.code.endsWith("Exception");
  return isShort ? `${error.code}Exception` : error.code;
}

async function unsigned(
  sandbox: Sandbox,
  request: AwsRequest,
  parameters: Parameters,
  requestId: string,
): Promise<AwsReply> {
  const reply = await sandbox.unsigned(request, parameters, requestId);
  if (reply !== undefined) return reply;
  throw new AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
}

const isForm = ({ method, headers }: AwsRequest): boolean =>
  method === "POST" && (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");

/** Query-protocol parameters: of the form body, or of the query for GET (a presigned GetCallerIdentity). */
function parametersOf(request: AwsRequest): Parameters {
  if (isForm(request)) return new Map(formOf(Buffer.from(request.body).toString("utf8")));
  const { pathname, query } = splitPath(request.path);
  if (pathname !== "/") return new Map();
  return new Map(query.filter(([name]) => !name.startsWith("X-Amz-")));
}

function known(sandbox: Sandbox, error: unknown, requestId: string): AwsError {
  if (error instanceof AwsError) return error;
  sandbox.log(JSON.stringify({ fault: requestId, error: error instanceof Error ? error.stack : String(error) }));
  return new AwsError("InternalFailure", "The request processing has failed because of an unknown error.", 500);
}

function withRequestId(reply: AwsReply, { protocol, requestId }: Verified): AwsReply {
  const header = protocol === "s3" ? "x-amz-request-id" : "x-amzn-requestid";
  return { ...reply, headers: { ...reply.headers, [header]: requestId } };
}
