import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { readOrMake } from "#/core/secrets.ts";
import { listenOnLoopback, refusalOf } from "#/sandbox/loopback.ts";
import type { AwsReply, AwsRequest } from "./call.ts";
import { cloudtrail } from "./cloudtrail.ts";
import { federation } from "./federation.ts";
import { handle, type Sandbox } from "./handle.ts";
import { iam } from "./iam.ts";
import { openOrganisation } from "./keep.ts";
import { s3 } from "./s3.ts";
import { isSelected } from "./selectors.ts";
import { sessionSeal } from "./session.ts";
import { sts } from "./sts.ts";
import { assumeRoleWithWebIdentity } from "./sts-web.ts";
import { openTrail } from "./trail.ts";
import type { IssuerKeys } from "./web-token.ts";

/** What the sandbox account is started with. */
export interface AwsTerms {
  /** 0 takes a free one. */
  readonly port: number;
  /** Folder of the world: `aws.json`, `s3/`, `issuer/`, `sessions.key`. */
  readonly world: string;
  /** 0-3600. */
  readonly delaySeconds: number;
  /** `https://issuer.roletrail.test`: whose keys are the files in `issuer/`. */
  readonly issuer: string;
  readonly now?: () => Date;
  readonly log: (text: string) => void;
}

export interface Aws {
  readonly url: string;
  /** Writes out what the trail still holds back. */
  flush(): void;
  close(): Promise<void>;
}

/** The sandbox account as an HTTP server on 127.0.0.1. */
export async function startAws(terms: AwsTerms): Promise<Aws> {
  const sandbox = openSandbox(terms);
  // Session tokens with policies and tags inside are long: AWS takes them, so must we.
  const server = http.createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    void serve(sandbox, listening.port, request, response);
  });
  const listening = await listenOnLoopback(server, terms.port);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    flush: () => sandbox.trail.flush(),
    async close() {
      await listening.close();
      sandbox.trail.close();
    },
  };
}

function openSandbox(terms: AwsTerms): Sandbox {
  const now = terms.now ?? (() => new Date());
  const kept = openOrganisation(path.join(terms.world, "aws.json"));
  const { organisation } = kept;
  const key = readOrMake(path.join(terms.world, "sessions.key"), () => `${randomBytes(32).toString("base64url")}\n`);
  const seal = sessionSeal(Buffer.from(key.trim(), "base64url"));
  const bucketFolder = path.join(terms.world, "s3", organisation.trailBucket);
  const trail = openTrail({
    bucketFolder,
    temporaryFolder: path.join(terms.world, "trail-waiting"),
    organisationId: organisation.id,
    delaySeconds: terms.delaySeconds,
    now,
    selects: (account, record) => isSelected(organisation, account, record),
  });
  const web = { organisation, seal, trail, now, keysOf: publishedKeys(terms) };
  return {
    kept,
    seal,
    trail,
    now,
    log: terms.log,
    services: { sts: sts(seal), iam, s3: s3(terms.world), cloudtrail: cloudtrail(bucketFolder) },
    unsigned: async (request, parameters, requestId) =>
      parameters.get("Action") === "AssumeRoleWithWebIdentity"
        ? assumeRoleWithWebIdentity(web, request, parameters, requestId)
        : federation(web, request),
  };
}

/** Roletrail's own issuer is read from its static files; any other host is out of reach of a sandbox without network. */
function publishedKeys(terms: AwsTerms): IssuerKeys {
  const folder = path.join(terms.world, "issuer");
  return (issuer) => {
    if (issuer !== terms.issuer) return undefined;
    try {
      const discovery = JSON.parse(readFileSync(path.join(folder, ".well-known", "openid-configuration"), "utf8"));
      if (discovery.issuer !== issuer) return undefined;
      return JSON.parse(readFileSync(path.join(folder, "jwks.json"), "utf8"));
    } catch {
      // Not published yet, or half copied: the caller sees IDPCommunicationError, which SDKs try again.
      return undefined;
    }
  };
}

async function serve(
  sandbox: Sandbox,
  port: number,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const refusal = refusalOf(request.headers, port);
  if (refusal !== undefined) {
    response.writeHead(403, { "content-type": "text/plain; charset=utf-8", connection: "close" }).end(`${refusal}\n`);
    return;
  }
  // The clock by which signatures are judged: SDKs set theirs after it.
  response.setHeader("date", sandbox.now().toUTCString());
  const body = await bodyOf(request);
  if (body === undefined) {
    response.writeHead(413, { connection: "close" }).end();
    return;
  }
  send(response, request.method ?? "GET", await handle(sandbox, requestOf(request, body)));
}

const bodyBytesMax = 64 * 1024 * 1024;

/** Undefined when it is too large, or the other side went away. */
async function bodyOf(request: http.IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > bodyBytesMax) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

function requestOf(request: http.IncomingMessage, body: Buffer): AwsRequest {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : (value ?? ""),
    ]),
  );
  return {
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers,
    body,
    ip: request.socket.remoteAddress ?? "127.0.0.1",
    host: headers["host"] ?? "",
  };
}

function send(response: http.ServerResponse, method: string, reply: AwsReply): void {
  const length = typeof reply.body === "string" ? Buffer.byteLength(reply.body) : reply.body.length;
  const isHead = method === "HEAD";
  response.writeHead(reply.status, { ...(isHead ? {} : { "content-length": length }), ...reply.headers });
  response.end(isHead ? undefined : reply.body);
}
