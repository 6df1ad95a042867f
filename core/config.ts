import { homedir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { Refusal } from "./refusal.ts";

/** Every setting, its default and its meaning. `docs/config.md` is made from this table; flags are `--port` for ROLETRAIL_PORT. */
export const settings = z.object({
  ROLETRAIL_HOME: z.string().default(".roletrail").describe("Folder of all state; one folder a world inside."),
  ROLETRAIL_WORLD: z
    .string()
    .regex(/^(sandbox|aws-\d{12}|trail-[0-9a-f]{12})$/)
    .default("sandbox")
    .describe("Which world this is: sandbox, aws-<account> or trail-<12 of sha256 of the source>. Set by the start."),
  ROLETRAIL_PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_533)
    .default(3000)
    .describe("Port of the app; sign-in and AWS of the sandbox take the two after it."),
  ROLETRAIL_ACCESS: z
    .string()
    .optional()
    .describe("Path of access.yaml; on AWS s3://bucket/key, with the two below. The sandbox's comes with its story."),
  ROLETRAIL_ACCESS_VERSION: z
    .string()
    .regex(/^[\w.-]{1,1024}$/)
    .optional()
    .describe("On AWS: version id of the access file's object. Another version is not read."),
  ROLETRAIL_ACCESS_SHA256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe("On AWS: SHA-256 of the access file. With other bytes nothing is decided."),
  ROLETRAIL_TRAIL: z.string().optional().describe("CloudTrail logs to read: a folder, or s3://bucket/prefix."),
  ROLETRAIL_ATHENA_DATABASE: z
    .string()
    .regex(/^[a-z0-9_]{1,255}$/)
    .optional()
    .describe("Glue database of the Iceberg facts: questions go to Athena, and no trail is read here. On AWS only."),
  ROLETRAIL_ATHENA_WORKGROUP: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,128}$/)
    .default("roletrail")
    .describe("Athena workgroup of this function: its result location, and the bytes at which a query is cut off."),
  ROLETRAIL_ATHENA_ADHOC_ROLE: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/)
    .optional()
    .describe("Role that hand-written SQL runs as on Athena: it reads the facts, and nothing else. None: no such SQL."),
  ROLETRAIL_ATHENA_ADHOC_WORKGROUP: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,128}$/)
    .optional()
    .describe("Athena workgroup of hand-written SQL, with a cut-off of its own."),
  ROLETRAIL_FACTS: z
    .string()
    .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]+(\/|$)/)
    .optional()
    .describe("Where the facts function makes the Iceberg tables, as s3://bucket/prefix/."),
  ROLETRAIL_ATHENA_AT_ONCE: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(10)
    .describe("Athena queries that one process runs at once. The account's quota is 20 to 200, by Region, for all."),
  ROLETRAIL_ISSUER: z
    .url()
    .default("https://issuer.roletrail.test")
    .describe("Roletrail's own OIDC issuer, https without a port, that AWS accounts trust (road web-identity)."),
  ROLETRAIL_ISSUER_CHECK: z
    .enum(["on", "off"])
    .optional()
    .describe(
      "Whether that issuer's host is asked for our key before a role of its road mints. On in every world but the sandbox, whose STS finds it by itself.",
    ),
  ROLETRAIL_URL: z
    .url()
    .optional()
    .describe("Where people reach the app, as https://roletrail.example.com; http://localhost:<port> unless told."),
  ROLETRAIL_OIDC_DISCOVERY: z
    .url()
    .optional()
    .describe("Where the sign-in issuer's discovery document is, when it is not under the issuer itself."),
  ROLETRAIL_OIDC_CLIENT_SECRET_FILE: z
    .string()
    .optional()
    .describe("File with the client secret of the sign-in provider; a public client with PKCE has none."),
  ROLETRAIL_DELIVERY_DELAY_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3600)
    .default(1)
    .describe("How long the sandbox holds a trail file back; 300 is like AWS."),
  ROLETRAIL_SOCKET: z.string().optional().describe("Socket of the functions process. Set by the start."),
  ROLETRAIL_SOCKET_SECRET: z.string().optional().describe("What every call on that socket carries. Set by the start."),
  ROLETRAIL_COOKIE_SECRET: z.string().optional().describe("Key of the session cookie. Set by the start."),
  ROLETRAIL_STORE: z
    .string()
    .regex(/^dynamodb:[\w.-]{3,255},[\w.-]{3,255}$/)
    .optional()
    .describe("On AWS: dynamodb:<state table>,<ledger table>. Without it the store is a file of the world."),
  ROLETRAIL_SECRETS: z
    .string()
    .startsWith("arn:")
    .optional()
    .describe("On AWS: ARN of the Secrets Manager secret with the keys person and mac, as JSON."),
  ROLETRAIL_ISSUER_KEY: z
    .string()
    .startsWith("arn:")
    .optional()
    .describe("On AWS: ARNs of the issuer's KMS keys, separated by commas, the one that signs first."),
  ROLETRAIL_FUNCTIONS: z
    .string()
    .regex(/^[\w-]{1,57}$/)
    .optional()
    .describe(
      "On AWS: what the names of the functions begin with, for who asks one. Without it they are behind the socket.",
    ),
  ROLETRAIL_ANSWERS: z
    .string()
    .regex(/^s3:\/\/[a-z0-9.-]{3,63}\/([\w-]+\/)*$/)
    .optional()
    .describe("On AWS: s3://bucket/prefix/ for answers over 4 MB, each fetched by a link that lasts a minute."),
  ROLETRAIL_ANCHORS: z
    .string()
    .regex(/^s3:\/\/[a-z0-9.-]{3,63}\/([\w-]+\/)*$/)
    .optional()
    .describe(
      "On AWS: s3://bucket/prefix/ where the ledger's heads are anchored. With it nothing is minted from a ledger that lacks what was anchored.",
    ),
  ROLETRAIL_ANCHOR_KEY: z
    .string()
    .startsWith("arn:")
    .optional()
    .describe("On AWS: ARN of the KMS key that signs the anchors."),
  ROLETRAIL_TOPIC: z.string().startsWith("arn:").optional().describe("On AWS: ARN of the SNS topic that tells people."),
  ROLETRAIL_LEDGER_SHARDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(999)
    .default(16)
    .describe("On AWS: over how many chains of the ledger the instances of one function spread."),
  ROLETRAIL_LINK: z
    .enum(["on", "off"])
    .optional()
    .describe(
      "Whether the app opens only by the start's one-time link. Off in the sandbox and on AWS, on in every other world.",
    ),
});

export type Settings = z.infer<typeof settings>;

/** @throws Refusal `config.invalid` naming the setting, its fault and an example. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => name.startsWith("ROLETRAIL_") && value !== ""),
  );
  const parsed = settings.safeParse(given);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const name = String(first?.path[0] ?? "a setting");
  throw new Refusal("config.invalid", `${name} is not right: ${first?.message ?? "unknown fault"}.`, {
    help: `See docs/config.md for ${name} and an example.`,
  });
}

/** AWS's own variables, as its SDKs read them, for the one endpoint that is in no SDK: the console's sign-in page. */
export function readAwsEndpoints(environment: NodeJS.ProcessEnv = process.env): {
  /** Undefined: AWS is at its own addresses. */
  readonly all: string | undefined;
  readonly federation: string | undefined;
} {
  const all = environment["AWS_ENDPOINT_URL"] || undefined;
  const signin = environment["AWS_ENDPOINT_URL_SIGNIN"] || all;
  return { all, federation: signin === undefined ? undefined : new URL("/federation", signin).href };
}

/** AWS's own variable, as its SDKs read it. */
export const readAwsRegion = (environment: NodeJS.ProcessEnv = process.env): string | undefined =>
  environment["AWS_REGION"] || environment["AWS_DEFAULT_REGION"] || undefined;

/** Places inside one world's folder (CONTRACTS §2). */
export interface Places {
  readonly home: string;
  readonly world: string;
  readonly secrets: string;
  readonly store: string;
  readonly answers: string;
  readonly issuer: string;
  readonly events: string;
  readonly facts: string;
  readonly s3: string;
  readonly access: string;
  readonly run: string;
}

export function placesOf(given: Settings): Places {
  const home = path.resolve(given.ROLETRAIL_HOME.replace(/^~(?=\/|$)/, homedir()));
  const world = path.join(home, given.ROLETRAIL_WORLD);
  const at = (name: string): string => path.join(world, name);
  return {
    home,
    world,
    secrets: at("secrets"),
    store: at("store.db"),
    answers: at("answers"),
    issuer: at("issuer"),
    events: at("events"),
    facts: at("facts.duckdb"),
    s3: at("s3"),
    access: given.ROLETRAIL_ACCESS === undefined ? at("access.yaml") : path.resolve(given.ROLETRAIL_ACCESS),
    run: at("run.json"),
  };
}

/** What an ingest worker gets of this process's environment: it reads hostile files, so no setting or secret of ours. */
export function workerEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const left = { ...environment };
  for (const name of Object.keys(left)) if (/^(ROLETRAIL|NEXTAUTH)_/.test(name)) delete left[name];
  return left;
}

/**
 * The role of the Lambda that this process is, from its environment alone: no file, no metadata service, no sign-in.
 * @throws Error elsewhere.
 */
export function readLambdaRole(environment: NodeJS.ProcessEnv = process.env): {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
} {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) throw new Error("this process is no Lambda with a role");
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
  };
}

/** The user's own folder of caches (XDG, which counts only a whole path), for `roletrail ask --trail DIR`. */
export function userCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME: given = "" } = environment;
  return path.join(path.isAbsolute(given) ? given : path.join(homedir(), ".cache"), "roletrail");
}
