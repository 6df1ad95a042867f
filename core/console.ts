import { z } from "zod";
import { Refusal } from "./refusal.ts";
import type { Secret } from "./secret.ts";

/** What the federation endpoint needs of a credential. */
export interface ConsoleCredential {
  readonly access_key_id: string;
  readonly secret: Secret;
  readonly token: Secret;
}

export interface ConsoleRequest {
  /** `https://us-east-1.signin.aws.amazon.com/federation`, or the sandbox's. */
  readonly endpoint: string;
  /** Where the expired-session page leads back to: the role's own page here. */
  readonly issuer: string;
  readonly destination: string;
  /** Made from a session's credentials: AWS then refuses a `SessionDuration`, so it is left out. */
  readonly chained: boolean;
  readonly seconds: number;
}

const timeoutMs = 8_000;

/**
 * A sign-in link to the AWS console, good for 15 minutes; whoever has it is that session. The credential goes in a POST,
 * so no URL ever holds it, and over the default TLS checks.
 *
 * @throws Refusal `sts.refused`, `sts.unreachable`.
 */
export async function consoleUrl(
  credential: ConsoleCredential,
  request: ConsoleRequest,
  post: typeof fetch = fetch,
): Promise<string> {
  const token = await signinToken(credential, request, post);
  const url = new URL(request.endpoint);
  url.search = new URLSearchParams({
    Action: "login",
    Issuer: request.issuer,
    Destination: request.destination,
    SigninToken: token,
  }).toString();
  return url.href;
}

async function signinToken(
  credential: ConsoleCredential,
  request: ConsoleRequest,
  post: typeof fetch,
): Promise<string> {
  const body = new URLSearchParams({
    Action: "getSigninToken",
    Session: JSON.stringify({
      sessionId: credential.access_key_id,
      sessionKey: credential.secret.open(),
      sessionToken: credential.token.open(),
    }),
  });
  // 900 to 43,200 s, for unchained credentials only; without it the console lasts as long as the credential.
  if (!request.chained) body.set("SessionDuration", String(Math.min(Math.max(request.seconds, 900), 43_200)));
  const response = await answerOf(request.endpoint, body, post);
  const parsed = z.object({ SigninToken: z.string().min(1) }).safeParse(response);
  if (parsed.success) return parsed.data.SigninToken;
  throw new Refusal("sts.refused", "AWS's sign-in page did not take these credentials.", {
    help: "The credentials themselves work; use them from a shell, or try the console again in a moment.",
  });
}

/** The parsed answer; null for an answer that is no JSON or no success. */
async function answerOf(endpoint: string, body: URLSearchParams, post: typeof fetch): Promise<unknown> {
  try {
    // A redirect would carry the credential elsewhere.
    const response = await post(endpoint, {
      method: "POST",
      body,
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    return response.ok ? JSON.parse(text) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw new Refusal("sts.unreachable", "AWS's sign-in page does not answer just now.", {
      help: "The credentials themselves work; use them from a shell, or try the console again in a moment.",
    });
  }
}

/** Console hosts by partition (region-free names; the EU sovereign cloud has its own domain). */
const hosts = {
  aws: { signin: "signin.aws.amazon.com", console: "console.aws.amazon.com" },
  "aws-cn": { signin: "signin.amazonaws.cn", console: "console.amazonaws.cn" },
  "aws-us-gov": { signin: "signin.amazonaws-us-gov.com", console: "console.amazonaws-us-gov.com" },
  "aws-eusc": { signin: "signin.amazonaws-eusc.eu", console: "console.amazonaws-eusc.eu" },
} as const;

export type Partition = keyof typeof hosts;

/** Regional where the partition has regional sign-in hosts. */
export function federationEndpoint(partition: Partition, region: string): string {
  return partition === "aws"
    ? `https://${region}.${hosts.aws.signin}/federation`
    : `https://${hosts[partition].signin}/federation`;
}

export const consoleDestination = (partition: Partition, region: string): string =>
  `https://${hosts[partition].console}/console/home?region=${encodeURIComponent(region)}`;
