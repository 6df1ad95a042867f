import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { signDigest } from "./p256.ts";

/** A function as Lambda runs it; the context says by which ARN it was asked, alias and all. */
type LambdaFunction = (event: unknown, context: { readonly invokedFunctionArn: string }) => Promise<unknown>;

/** KMS, Secrets Manager and Lambda as far as Roletrail calls them, speaking their protocols to the real SDK clients. */
export interface AwsServices {
  readonly url: string;
  readonly keyArn: string;
  readonly secretArn: string;
  /** SubjectPublicKeyInfo of the signing key. */
  readonly publicKey: Buffer;
  /** A second key, for changes of keys. */
  readonly second: { readonly keyArn: string; readonly publicKey: Buffer };
  /** What the topic was handed, oldest first. */
  readonly notices: { readonly subject: string; readonly text: string }[];
  /** Every call: `kms:Sign`, `secretsmanager:GetSecretValue`, `lambda:<function>`, with what KMS would log of it. */
  readonly calls: { readonly name: string; readonly requestId: string }[];
  /** While set, calls whose name begins so are answered with this error. */
  trouble: { readonly name: string; readonly status: number; readonly type: string } | null;
  readonly close: () => Promise<void>;
}

export async function startAwsServices(
  secret: Readonly<Record<string, string>>,
  functions: Readonly<Record<string, LambdaFunction>>,
): Promise<AwsServices> {
  const [first, second] = [
    kmsKey("5f2b0a52-7c3a-4a55-a5a1-0f8f0a1b2c3d"),
    kmsKey("0c9d8e7f-1a2b-4c3d-8e9f-a0b1c2d3e4f5"),
  ];
  const server = http.createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const services: AwsServices = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keyArn: first.keyArn,
    secretArn: "arn:aws:secretsmanager:eu-central-1:999900001111:secret:roletrail-test-keys-AbCdEf",
    publicKey: first.publicKey,
    second,
    notices: [],
    calls: [],
    trouble: null,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    const isQuery = String(request.headers["content-type"]).startsWith("application/x-www-form-urlencoded");
    const body = isQuery ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text);
    const name = isQuery ? `sns:${body.Action}` : nameOf(request);
    const requestId = randomUUID();
    services.calls.push({ name, requestId });
    response.setHeader("x-amzn-requestid", requestId);
    response.setHeader("content-type", "application/x-amz-json-1.1");
    const { trouble } = services;
    if (trouble !== null && name.startsWith(trouble.name)) {
      response.writeHead(trouble.status, { "x-amzn-errortype": trouble.type });
      return void response.end(JSON.stringify({ __type: trouble.type, message: "not now" }));
    }
    if (name === "sns:Publish") {
      services.notices.push({ subject: body.Subject, text: body.Message });
      response.setHeader("content-type", "text/xml");
      return void response.end(
        "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
      );
    }
    if (name.startsWith("lambda:")) return runFunction(name.slice("lambda:".length), body, response);
    response.end(JSON.stringify(answerOf(name, body)));
  }

  async function runFunction(name: string, event: unknown, response: http.ServerResponse): Promise<void> {
    try {
      const invokedFunctionArn = `arn:aws:lambda:eu-central-1:999900001111:function:${name}`;
      // Lambda hands over JSON, both ways.
      const answer = await functions[name.split(":")[0] ?? ""]?.(event, { invokedFunctionArn });
      response.end(JSON.stringify(answer));
    } catch (error) {
      response.setHeader("x-amz-function-error", "Unhandled");
      const { message, stack } = error as Error;
      response.end(JSON.stringify({ errorType: "Error", errorMessage: message, trace: stack?.split("\n") }));
    }
  }

  function answerOf(name: string, body: Record<string, string>): object {
    if (name === "secretsmanager:GetSecretValue" && body["SecretId"] === services.secretArn)
      return { ARN: services.secretArn, SecretString: JSON.stringify(secret) };
    const key = [first, second].find(({ keyArn }) => keyArn === body["KeyId"]);
    if (key === undefined) throw new Error(`${name}: no such key or secret`);
    if (name === "kms:GetPublicKey")
      return { KeyId: key.keyArn, KeyUsage: "SIGN_VERIFY", PublicKey: key.publicKey.toString("base64") };
    if (name === "kms:Sign") return signed(key.privateKey, body);
    throw new Error(`${name} is not played here`);
  }
  return services;
}

function kmsKey(id: string): { keyArn: string; publicKey: Buffer; privateKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const keyArn = `arn:aws:kms:eu-central-1:999900001111:key/${id}`;
  return { keyArn, publicKey: publicKey.export({ format: "der", type: "spki" }), privateKey };
}

function nameOf(request: http.IncomingMessage): string {
  const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? "");
  if (invoked !== null) return `lambda:${decodeURIComponent(invoked[1] ?? "")}`;
  const [service, action] = String(request.headers["x-amz-target"]).split(".");
  return `${service === "TrentService" ? "kms" : service}:${action}`;
}

/** As KMS: over the digest it is given (moto 5.2.1 takes the digest for a message), answered as DER. */
function signed(key: KeyObject, { Message, MessageType, SigningAlgorithm }: Record<string, string>): object {
  if (MessageType !== "DIGEST" || SigningAlgorithm !== "ECDSA_SHA_256") throw new Error("not what the issuer asks");
  const digest = Buffer.from(Message ?? "", "base64");
  if (digest.length !== 32) throw new Error("not a SHA-256 digest");
  return { SigningAlgorithm, Signature: signDigest(key, digest).toString("base64") };
}
