import { timingSafeEqual } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import http from "node:http";
import type { FunctionName } from "#/core/invoke.ts";
import { Refusal } from "#/core/refusal.ts";
import { textOf } from "./answers.ts";
import { ask } from "./ask.ts";
import { type AnyHandler, call, logged, problemFrom } from "./call.ts";
import { keepReading } from "./facts.ts";
import { newLink } from "./link.ts";
import { mint } from "./mint.ts";
import { read } from "./read.ts";
import { revoke } from "./revoke.ts";
import { status } from "./status.ts";
import { keepSweeping } from "./sweep.ts";
import { vault } from "./vault.ts";
import { type Handler, openWorld, type World } from "./world.ts";

/** Every function of this process. On AWS each is a Lambda of its own; here one process serves them over one socket. */
const handlers: { readonly [Name in FunctionName]?: Handler<Name> } = { status, vault, read, mint, revoke, ask };

const bodyMax = 1_048_576;

function listen(world: World, notices: readonly string[]): void {
  const socket = world.settings.ROLETRAIL_SOCKET;
  const secret = world.settings.ROLETRAIL_SOCKET_SECRET;
  if (socket === undefined || secret === undefined)
    throw new Error("functions need ROLETRAIL_SOCKET and ROLETRAIL_SOCKET_SECRET");
  rmSync(socket, { force: true });
  const server = http.createServer((request, response) => {
    void answer(world, secret, request).then(({ code, text }) => {
      response.writeHead(code, { "content-type": "application/json", "cache-control": "no-store" }).end(text);
    });
  });
  // Web keeps its connections; one that the server closed while a request was on its way would look like being down.
  server.keepAliveTimeout = 0;
  // The folder is 0700: nobody else reaches the socket before its own mode is set. (A umask would be every thread's.)
  server.listen(socket, () => {
    chmodSync(socket, 0o600);
    process.send?.({ ready: true, notices });
  });
  // The supervisor's channel is our life line: no orphan keeps the socket.
  process.on("disconnect", () => process.exit(0));
}

async function answer(
  world: World,
  secret: string,
  request: http.IncomingMessage,
): Promise<{ code: number; text: string }> {
  try {
    if (!sameSecret(String(request.headers["x-roletrail-secret"] ?? ""), secret))
      throw new Refusal("signin.required", "This socket is Roletrail's own.");
    const name = (request.url ?? "/").slice(1);
    if (!Object.hasOwn(handlers, name)) throw new Refusal("not.found", "There is no such function.");
    // The table's types tie name, input and output together; a lookup by a variable name loses that.
    const handler = handlers[name as FunctionName] as AnyHandler;
    const body = await call(world, name as FunctionName, handler, JSON.parse(await bodyOf(request)));
    // Here, where a full disk is a fault of this one answer and not the process's end.
    return { code: 200, text: textOf(body, world.places.answers) };
  } catch (error) {
    const problem = problemFrom(error);
    return { code: problem.status, text: JSON.stringify(problem) };
  }
}

function sameSecret(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}

function bodyOf(request: http.IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      // The rest is read and dropped, so that the refusal can be answered.
      if (size <= bodyMax) chunks.push(chunk);
    });
    request.on("error", reject);
    request.on("end", () => {
      if (size <= bodyMax) resolve(Buffer.concat(chunks).toString("utf8"));
      else reject(new Refusal("request.too-large", "The call is over 1 MB."));
    });
  });
}

/** The start asks for a one-time link by its channel and prints it; nobody else can. */
function offerLinks(world: World): void {
  process.on("message", (message) => {
    if (typeof message !== "object" || message === null || !("link" in message)) return;
    newLink(world).then((link) => process.send?.({ link }), logged);
  });
}

/** What who starts it should know before anybody asks for a role: said on the terminal beside the link. */
async function noticesOf(world: World): Promise<readonly string[]> {
  const closed = (await world.aws?.publication?.refusal()) ?? null;
  if (closed === null) return [];
  return [`Roles of the road web-identity mint nothing yet: ${closed.message}`, closed.help ?? ""];
}

const world = openWorld();
offerLinks(world);
// Discovery and key set are published before anybody can mint.
await world.aws?.issuer();
const notices = await noticesOf(world);
keepSweeping(world, logged);
keepReading(world, logged);
listen(world, notices);
