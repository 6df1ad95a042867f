import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { newId } from "#/core/ids.ts";
import { problemOf, Refusal } from "#/core/refusal.ts";

const Many = z.record(z.string(), z.array(z.string()));

/** A request as a load balancer hands it to a Lambda, its headers and parameters as often as they came. */
const Asked = z.object({
  httpMethod: z.string(),
  path: z.string(),
  /** As they stood in the address, still encoded. */
  multiValueQueryStringParameters: Many.default({}),
  multiValueHeaders: Many.default({}),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
});
type Asked = z.infer<typeof Asked>;

interface Answer {
  readonly statusCode: number;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** What OpenNext's server answers, in API Gateway's form. */
const Served = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(""),
  isBase64Encoded: z.boolean().default(false),
});

/**
 * The app behind a load balancer of a private network (infra/web-private.ts): OpenNext's server knows API Gateway's form
 * of a request, and CloudFront is not there to serve the static files.
 */
export const handler = async (event: unknown): Promise<Answer> => {
  const asked = Asked.parse(event);
  const file = staticFile(asked);
  if (file !== null) return file;
  const { statusCode, headers, cookies, body, isBase64Encoded } = Served.parse(
    await (await server())(gatewayEvent(asked)),
  );
  const multiValueHeaders: Record<string, string[]> = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value]]),
  );
  if (cookies.length > 0) multiValueHeaders["set-cookie"] = cookies;
  return carried(asked, {
    statusCode,
    multiValueHeaders,
    body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
  });
};

type Server = (event: object) => Promise<unknown>;

/** Beside this file once it is laid there; not known to the compiler. */
const besides = "./index.mjs";
let opened: Promise<Server> | undefined;
const server = (): Promise<Server> => {
  opened ??= import(besides).then(({ handler: next }: { handler: Server }) => next);
  return opened;
};

const one = ({ multiValueHeaders }: Asked, name: string): string | undefined =>
  Object.entries(multiValueHeaders)
    .find(([key]) => key.toLowerCase() === name)?.[1]
    .at(-1);

function gatewayEvent(asked: Asked): object {
  const {
    httpMethod,
    path: rawPath,
    multiValueQueryStringParameters,
    multiValueHeaders,
    body,
    isBase64Encoded,
  } = asked;
  const headers = Object.fromEntries(
    Object.entries(multiValueHeaders).map(([name, values]) => {
      const key = name.toLowerCase();
      return [key, values.join(key === "cookie" ? "; " : ", ")];
    }),
  );
  const query = Object.entries(multiValueQueryStringParameters).flatMap(([name, values]) =>
    values.map((value) => `${name}=${value}`),
  );
  // A balancer hands on what a client calls itself; the host it came by is in Host alone.
  const { "x-forwarded-host": _, ...others } = headers;
  return {
    version: "2.0",
    rawPath,
    rawQueryString: query.join("&"),
    headers: { ...others, "x-forwarded-host": headers["host"] ?? "" },
    requestContext: {
      http: { method: httpMethod, path: rawPath, sourceIp: one(asked, "x-forwarded-for")?.split(/, */).at(-1) ?? "" },
    },
    ...(body === null || body === undefined ? {} : { body }),
    isBase64Encoded,
  };
}

/** A balancer carries answers of a Lambda up to 1 MB, head and all. */
const answerBytesMax = 1_000_000;
/** Under this compressing costs more than it saves. */
const gzipFrom = 8_192;

function carried(
  asked: Asked,
  { statusCode, multiValueHeaders, body }: Omit<Answer, "body" | "isBase64Encoded"> & { readonly body: Buffer },
): Answer {
  const gzips = /\bgzip\b/.test(one(asked, "accept-encoding") ?? "");
  const isPlain = multiValueHeaders["content-encoding"] === undefined && body.length >= gzipFrom;
  const { "content-length": _, ...others } = multiValueHeaders;
  const vary = { vary: [...(others["vary"] ?? []), "Accept-Encoding"] };
  const answer: Answer =
    gzips && isPlain
      ? {
          statusCode,
          multiValueHeaders: { ...others, ...vary, "content-encoding": ["gzip"] },
          body: gzipSync(body).toString("base64"),
          isBase64Encoded: true,
        }
      : { statusCode, multiValueHeaders: others, body: body.toString("base64"), isBase64Encoded: true };
  return Buffer.byteLength(JSON.stringify(answer)) <= answerBytesMax ? answer : tooLarge();
}

function tooLarge(): Answer {
  const refusal = new Refusal("trail.too-big", "The answer is over 1 MB, which the load balancer does not carry.", {
    help: "Choose a shorter time, one account or one role, or ask from the command line with less.",
  });
  const headers = { "content-type": ["application/problem+json"], "cache-control": ["no-store"] };
  return {
    statusCode: refusal.status,
    multiValueHeaders: headers,
    body: JSON.stringify(problemOf(refusal, newId("q"))),
    isBase64Encoded: false,
  };
}

const folder = path.join(import.meta.dirname, "assets");
let files: ReadonlySet<string> | undefined;

/** Looked up whole among what was built, so that no path leads anywhere else. */
function staticFile(asked: Asked): Answer | null {
  if (asked.httpMethod !== "GET" && asked.httpMethod !== "HEAD") return null;
  files ??= new Set(readdirSync(folder, { recursive: true }).map((file) => `/${String(file).replaceAll("\\", "/")}`));
  const type = types[path.extname(asked.path)];
  if (type === undefined || !files.has(asked.path)) return null;
  const multiValueHeaders = {
    "content-type": [type],
    "x-content-type-options": ["nosniff"],
    // Next names what never changes by its content.
    "cache-control": [
      asked.path.startsWith("/_next/static/") ? "public, max-age=31536000, immutable" : "public, max-age=0",
    ],
  };
  const body = asked.httpMethod === "HEAD" ? Buffer.alloc(0) : readFileSync(path.join(folder, asked.path));
  return carried(asked, { statusCode: 200, multiValueHeaders, body });
}

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};
