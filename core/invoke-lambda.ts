import { InvokeCommand, LambdaClient, TooManyRequestsException } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { readLambdaRole } from "./config.ts";
import { newId } from "./ids.ts";
import { functionsDown, Reply } from "./invoke-reply.ts";
import { Fault, Refusal } from "./refusal.ts";

let kept: LambdaClient | undefined;

/**
 * One attempt: a function may have done its deed although the answer was lost, and the proof is then spent. Who asks
 * decides whether to ask again. The longest a function works is 30 s but for questions (60 s).
 */
const openClient = (): LambdaClient =>
  new LambdaClient({
    maxAttempts: 1,
    credentials: async () => readLambdaRole(),
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 65_000, throwOnRequestTimeout: true },
  });

function keptClient(): LambdaClient {
  kept ??= openClient();
  return kept;
}

/** As for the socket, and far inside Lambda's 6 MB. */
const requestBytesMax = 1_048_576;

/**
 * Calls a function and waits for its answer.
 * @throws Refusal `request.too-large` · `functions.down` when Lambda does not answer or turns the call away · Fault when
 * the function ended without an answer of ours: what Lambda says then (its stack, its time-out) stays in its log.
 */
export async function invokeLambda(functionName: string, body: string, client?: LambdaClient): Promise<Reply> {
  if (Buffer.byteLength(body) > requestBytesMax) throw new Refusal("request.too-large", "The call is over 1 MB.");
  const { FunctionError, Payload } = await sent(client ?? keptClient(), functionName, body);
  const reply = FunctionError === undefined ? Reply.safeParse(jsonOf(Payload)) : undefined;
  if (reply?.success !== true) throw new Fault(newId("f"));
  return { status: reply.data.status, body: await whole(reply.data.body) };
}

async function sent(client: LambdaClient, functionName: string, body: string) {
  try {
    return await client.send(
      new InvokeCommand({ FunctionName: functionName, InvocationType: "RequestResponse", Payload: Buffer.from(body) }),
    );
  } catch (error) {
    throw isPassing(error) ? functionsDown() : error;
  }
}

/** Turned away, no answer, or Lambda itself in trouble. A missing right or function is not: that is a fault. */
function isPassing(error: unknown): boolean {
  if (error instanceof TooManyRequestsException) return true;
  if (!(error instanceof Error)) return false;
  if (!("$metadata" in error)) return true;
  const { httpStatusCode } = Object(error.$metadata);
  return typeof httpStatusCode !== "number" || httpStatusCode >= 500;
}

const Linked = z.strictObject({ answer_url: z.url() });

/** An answer too large for Lambda lies in S3 for a minute. The link is as secret as the answer: it is in no error. */
async function whole(body: unknown): Promise<unknown> {
  const linked = Linked.safeParse(body);
  if (!linked.success) return body;
  const answer = await fetch(linked.data.answer_url, { redirect: "error", signal: AbortSignal.timeout(30_000) }).catch(
    () => null,
  );
  if (answer?.ok !== true) throw functionsDown();
  return answer.json();
}

function jsonOf(payload: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(payload ?? []).toString("utf8"));
  } catch {
    return null;
  }
}
