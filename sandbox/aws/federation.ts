import { randomUUID } from "node:crypto";
import { z } from "zod";
import { callerOf } from "./authenticate.ts";
import { AwsError, type AwsReply, type AwsRequest, type Caller, type JsonObject, type Session } from "./call.ts";
import { consolePage, refusalPage } from "./federation-page.ts";
import { accountNamed } from "./find.ts";
import { identityOf, recordsOf } from "./records.ts";
import { newTemporaryKeyId, type SessionSeal } from "./session.ts";
import { sameText } from "./sigv4.ts";
import type { Organisation } from "./state.ts";
import type { TrailWriter } from "./trail.ts";
import { formOf, splitPath } from "./uri.ts";

/** What the console's federation endpoint stands on. */
export interface FederationDoor {
  readonly organisation: Organisation;
  readonly seal: SessionSeal;
  readonly trail: TrailWriter;
  readonly now: () => Date;
}

/** `/federation?Action=getSigninToken` and `Action=login`, as signin.aws.amazon.com has them; undefined for other paths. */
export function federation(door: FederationDoor, request: AwsRequest): AwsReply | undefined {
  const { pathname, query } = splitPath(request.path);
  if (pathname !== "/federation") return undefined;
  // POST keeps the keys out of the URL; AWS takes both.
  const form = request.method === "POST" ? formOf(Buffer.from(request.body).toString("utf8")) : [];
  const fields = new Map([...query, ...form].map(([name, value]) => [name, value]));
  const action = fields.get("Action");
  try {
    if (action === "getSigninToken") return signinToken(door, request, fields);
    if (action === "login") return login(door, request, fields);
    throw new AwsError("InvalidAction", "Action must be getSigninToken or login.");
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return action === "login" ? refusalPage(error.message) : plain(error.message);
  }
}

type Fields = ReadonlyMap<string, string>;

/** A sign-in token is good for 15 minutes. */
const tokenSeconds = 900;
const purpose = "signin";

const SessionField = z.object({ sessionId: z.string(), sessionKey: z.string(), sessionToken: z.string() });

const Token = z.object({
  session: z.string(),
  /** When the token ends, seconds. */
  until: z.number(),
  /** Life of the console session; that of the credentials when absent. */
  seconds: z.number().optional(),
});

function signinToken(door: FederationDoor, request: AwsRequest, fields: Fields): AwsReply {
  const now = door.now();
  const { token, session, caller } = provenSession(door, fields.get("Session") ?? "", now);
  if (caller.type !== "AssumedRole" && caller.type !== "FederatedUser")
    throw new AwsError("AccessDenied", "Console sign-in needs credentials of AssumeRole or GetFederationToken.");
  const seconds = consoleSeconds(fields.get("SessionDuration"), session);
  const until = Math.floor(now.getTime() / 1000) + tokenSeconds;
  const sealed = door.seal.sealText(
    purpose,
    JSON.stringify({ session: token, until, ...(seconds === undefined ? {} : { seconds }) }),
  );
  record(door, request, caller, "GetSigninToken", identityOf(door.organisation, caller), {
    credentials: { accessKeyId: newTemporaryKeyId(caller.account) },
    GetSigninToken: "Success",
  });
  return {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
    body: JSON.stringify({ SigninToken: Buffer.from(sealed, "base64").toString("base64url") }),
  };
}

function login(door: FederationDoor, request: AwsRequest, fields: Fields): AwsReply {
  const now = door.now();
  const sealed = Buffer.from(fields.get("SigninToken") ?? "", "base64url").toString("base64");
  const text = door.seal.openText(purpose, sealed);
  const token = text === undefined ? undefined : Token.parse(JSON.parse(text));
  if (token === undefined) throw new AwsError("AccessDenied", "The sign-in token is not one of this account's.");
  const seconds = Math.floor(now.getTime() / 1000);
  if (seconds >= token.until)
    throw new AwsError("ExpiredToken", "The sign-in link has expired: it works for 15 minutes.");
  const session = door.seal.open(token.session);
  const caller = callerOf(door.organisation, session, now);
  if (request.method === "GET") recordLogin(door, request, caller, fields.get("Destination"));
  const account = accountNamed(door.organisation, caller.account);
  return consolePage({
    title: caller.type === "AssumedRole" ? `Role ${caller.roleName}` : "Federated user",
    session: session.name,
    account: `${account?.name ?? ""} (${caller.account})`,
    endsAt: new Date((token.seconds === undefined ? session.expiresAt : seconds + token.seconds) * 1000),
    issuer: fields.get("Issuer"),
    destination: fields.get("Destination"),
  });
}

/** The credentials must be whole and alive: key, secret and token of one session. */
function provenSession(
  door: FederationDoor,
  field: string,
  now: Date,
): { token: string; session: Session; caller: Caller } {
  const given = parsed(field);
  if (given === undefined)
    throw new AwsError("InvalidParameter", "Session must be JSON with sessionId, sessionKey and sessionToken.");
  const session = door.seal.open(given.sessionToken);
  const isWhole =
    session.accessKeyId === given.sessionId && sameText(door.seal.secretOf(session.accessKeyId), given.sessionKey);
  if (!isWhole) throw new AwsError("AccessDenied", "The credentials in Session do not belong together.");
  return { token: given.sessionToken, session, caller: callerOf(door.organisation, session, now) };
}

function parsed(field: string): z.infer<typeof SessionField> | undefined {
  try {
    return SessionField.safeParse(JSON.parse(field)).data;
  } catch {
    // Not JSON: the caller says what it must be.
    return undefined;
  }
}

/** SessionDuration is for AssumeRole* credentials that are not chained; with any other the call fails. */
function consoleSeconds(text: string | undefined, session: Session): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds < 900 || seconds > 43_200)
    throw new AwsError("InvalidParameter", "SessionDuration must be between 900 and 43200 seconds.");
  if (session.kind !== "role" || session.depth > 0)
    throw new AwsError(
      "InvalidParameter",
      "SessionDuration cannot be used with credentials from GetFederationToken or from role chaining.",
    );
  return seconds;
}

function recordLogin(door: FederationDoor, request: AwsRequest, caller: Caller, destination: string | undefined): void {
  const { accessKeyId: _, ...identity } = identityOf(door.organisation, caller);
  record(
    door,
    request,
    caller,
    "ConsoleLogin",
    identity,
    { ConsoleLogin: "Success" },
    {
      LoginTo: destination ?? "https://console.aws.amazon.com/",
      MobileVersion: "No",
      MFAUsed: "No",
    },
  );
}

/** Sign-in events of the global endpoint land in us-east-1. */
function record(
  door: FederationDoor,
  request: AwsRequest,
  caller: Caller,
  name: string,
  identity: JsonObject,
  responseElements: JsonObject,
  additionalEventData: JsonObject = { MobileVersion: "No", MFAUsed: "No" },
): void {
  const at = door.now();
  const records = recordsOf(
    {
      source: "signin.amazonaws.com",
      name,
      region: "us-east-1",
      request,
      requestId: randomUUID(),
      at,
      trace: {
        readOnly: false,
        requestParameters: null,
        responseElements,
        additionalEventData,
        category: "Management",
      },
      identity,
      account: caller.account,
      eventType: "AwsConsoleSignIn",
    },
    identity,
  );
  door.trail.record(records, at);
}

const plain = (message: string): AwsReply => ({
  status: 400,
  headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  body: `${message}\n`,
});
