import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { readAwsRegion } from "#/core/config.ts";
import { Refusal } from "#/core/refusal.ts";

/** What the command was asked to do. */
export interface Terms {
  /** Must be the caller's own: no command runs in an account by mistake. */
  readonly account: string;
  readonly region: string;
  /** A bucket that is there; null makes one. Only what lies under the run's own prefix is touched. */
  readonly bucket: string | null;
  readonly issuer: IssuerTerms | null;
  /** How long CloudTrail is waited for; 0 leaves its records out. */
  readonly waitTrailMinutes: number;
  readonly only: "athena" | "roles" | null;
  /** Folder of the report. */
  readonly out: string;
  /** A run that was killed, to be cleaned away and nothing else. */
  readonly clean: string | null;
  readonly yes: boolean;
}

export interface IssuerTerms {
  readonly url: string;
  /** `issuer.json` of a world's secrets, or the ARN of its KMS key. */
  readonly key: string;
  /** Whether its host is asked for the key first. */
  readonly isChecked: boolean;
}

export const help = `npm run contract:aws -- --account 123456789012 --yes [options]

Proves on a real AWS account what the other suites prove on stand-ins, cleans up, prints its cost, writes a report.
Without --yes it only says what it would do. Credentials come from the SDK's own chain (AWS_PROFILE, AWS_ACCESS_KEY_ID …).

  --account ID           the account; refused unless it is the credentials' own
  --region REGION        default AWS_REGION
  --issuer URL           Roletrail's issuer, published on the internet; without it the road web-identity is not run
  --issuer-key FILE|ARN  its key: <world>/secrets/issuer.json, or the KMS key's ARN
  --issuer-check off     do not ask its host first
  --bucket NAME          use this bucket, under a prefix of its own; else one is made and removed
  --wait-trail MINUTES   wait so long for CloudTrail's own records (AWS: up to 15), and compare them with the sandbox's
  --only athena|roles    one half alone
  --out FOLDER           where contract-aws-<date>.md and .json go (default: this folder)
  --clean RUN            remove what a killed run left, and nothing else`;

const Flags = z.object({
  account: z.string().regex(/^\d{12}$/, "is twelve digits, for example --account 123456789012"),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "is a Region, for example --region eu-central-1"),
  bucket: z.string().min(3).optional(),
  issuer: z.url().startsWith("https://", "is https, without a port").optional(),
  "issuer-key": z.string().min(1).optional(),
  "issuer-check": z.enum(["on", "off"]).default("on"),
  "wait-trail": z.coerce.number().min(0).max(120).default(0),
  only: z.enum(["athena", "roles"]).optional(),
  out: z.string().default("."),
  clean: z
    .string()
    .regex(/^\d{8}-[0-9a-f]{6}$/, "is a run's name, for example --clean 20261121-1f9c3a")
    .optional(),
  yes: z.boolean().default(false),
});

/** Null when only help was wanted. @throws Refusal `config.invalid`. */
export function readTerms(given: readonly string[], environment: NodeJS.ProcessEnv = process.env): Terms | null {
  const { values } = parsed(given);
  if (values.help === true) return null;
  const { help: _help, ...flags } = values;
  const read = Flags.safeParse({ region: readAwsRegion(environment), ...flags });
  if (!read.success) {
    const [issue] = read.error.issues;
    const flag = String(issue?.path[0]);
    throw invalid(`--${flag} ${flag in flags ? (issue?.message ?? "is not right") : "is missing"}.`);
  }
  const { bucket = null, only = null, clean = null, out, account, region, yes } = read.data;
  const waitTrailMinutes = read.data["wait-trail"];
  return {
    account,
    region,
    bucket,
    issuer: issuerOf(read.data),
    waitTrailMinutes,
    only,
    out: path.resolve(out),
    clean,
    yes,
  };
}

function parsed(given: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const named = { account: text, region: text, bucket: text, issuer: text, "issuer-key": text, "issuer-check": text };
  const options = { ...named, "wait-trail": text, only: text, out: text, clean: text, yes: flag, help: flag };
  try {
    return parseArgs({ args: [...given], options });
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function issuerOf(flags: z.infer<typeof Flags>): IssuerTerms | null {
  const { issuer: url, "issuer-key": key } = flags;
  if (url === undefined && key === undefined) return null;
  if (url === undefined || key === undefined) throw invalid("--issuer and --issuer-key go together.");
  if (!key.startsWith("arn:") && !existsSync(key)) throw invalid(`--issuer-key: there is no file ${key}.`);
  return { url: url.replace(/\/$/, ""), key, isChecked: flags["issuer-check"] === "on" };
}

const invalid = (sentence: string): Refusal =>
  new Refusal("config.invalid", sentence, { help: "npm run contract:aws -- --help lists the options." });
