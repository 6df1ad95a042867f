import { readFile, rm } from "node:fs/promises";
import http from "node:http";
import { z } from "zod";
import { errorOf, functionsDown, type Reply } from "./invoke-reply.ts";
import { Answer, AskRequest, Minted, MintRequest, Revocation, RevokeRequest, SqlRequest, Ticket } from "./wire.ts";
import { Status, VaultAnswer, VaultRequest } from "./wire-signin.ts";

/**
 * The closed table of what web may ask functions: name, shape in, shape out. The same on a laptop (Unix socket) and on
 * AWS (Lambda); only the transport differs. `views` are the named views of `read` (functions/read.ts).
 */
export const functions = {
  /** Anyone: which world this is, and what a sign-in needs. */
  status: { input: z.strictObject({}), output: Status },
  vault: { input: VaultRequest, output: VaultAnswer },
  read: {
    input: z.strictObject({ view: z.string(), params: z.record(z.string(), z.string()).default({}) }),
    output: z.unknown(),
  },
  ask: { input: z.union([AskRequest, SqlRequest]), output: Answer },
  mint: { input: MintRequest, output: Minted },
  revoke: { input: RevokeRequest, output: Revocation },
} as const;

export type FunctionName = keyof typeof functions;
export type InputOf<Name extends FunctionName> = z.input<(typeof functions)[Name]["input"]>;
export type ParsedInputOf<Name extends FunctionName> = z.output<(typeof functions)[Name]["input"]>;
export type OutputOf<Name extends FunctionName> = z.output<(typeof functions)[Name]["output"]>;

/** Who asks: the ticket opens the vault; a deed needs the proof (a JWS by the bound key) too. */
export interface Credentials {
  readonly ticket?: Ticket;
  readonly proof?: string;
  readonly idempotency_key?: string;
}

/** What crosses the socket. */
export const Envelope = z.strictObject({
  input: z.unknown(),
  ticket: Ticket.optional(),
  proof: z.string().max(8_192).optional(),
  idempotency_key: z.string().max(128).optional(),
});

/** A laptop's Unix socket, or what the names of the Lambda functions begin with. */
export type Transport = { readonly socket: string; readonly secret: string } | { readonly lambda: string };

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

/** @throws Refusal as the function refused · Refusal `functions.down` when nobody answers · Fault with its id. */
export async function invoke<Name extends FunctionName>(
  transport: Transport,
  name: Name,
  input: InputOf<Name>,
  credentials: Credentials = {},
): Promise<OutputOf<Name>> {
  const { status, body } = await send(transport, name, JSON.stringify({ input, ...credentials }));
  if (status === 200) return functions[name].output.parse(await fetched(body)) as OutputOf<Name>;
  throw errorOf(body);
}

/** The Lambda client is loaded where there is one to call. */
async function send(transport: Transport, name: string, body: string): Promise<Reply> {
  if ("socket" in transport) return post(transport, name, body);
  const { invokeLambda } = await import("./invoke-lambda.ts");
  return invokeLambda(`${transport.lambda}${name}`, body);
}

function post(transport: { socket: string; secret: string }, name: string, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        agent,
        socketPath: transport.socket,
        method: "POST",
        path: `/${name}`,
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "x-roletrail-secret": transport.secret,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 500, body: parsed(Buffer.concat(chunks).toString("utf8")) }),
        );
      },
    );
    request.on("error", () => reject(functionsDown()));
    request.end(body);
  });
}

const AnswerFile = z.strictObject({ answer_file: z.string() });

/** An answer too large for the socket lies in a file of the world: it is read once, then it is gone. */
async function fetched(body: unknown): Promise<unknown> {
  const left = AnswerFile.safeParse(body);
  if (!left.success) return body;
  const text = await readFile(left.data.answer_file, "utf8");
  await rm(left.data.answer_file, { force: true });
  return parsed(text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
