import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const role = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/);

/**
 * What a deployment is told, by environment (docs/onboarding.md lists them with examples). Everything else is decided in
 * the files beside this one. Read while the deployment is worked out; no Lambda sees these names.
 */
const Settings = z.object({
  ROLETRAIL_DEPLOY_REGION: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
  /** The security account: where all of this goes, and where no grant may reach. */
  ROLETRAIL_DEPLOY_ACCOUNT: z.string().regex(/^\d{12}$/),
  ROLETRAIL_DEPLOY_ORGANISATION: z.string().regex(/^o-[a-z0-9]{10,32}$/),
  /** `roletrail.example.com`: where people reach the app. Its zone is in Route 53. */
  ROLETRAIL_DEPLOY_DOMAIN: z.hostname(),
  /** `issuer.example.com`: what target accounts trust. Another name than the app's, and never changed. */
  ROLETRAIL_DEPLOY_ISSUER: z.hostname(),
  /** The one role that may change what the issuer publishes, besides nobody: not the one that deploys the app. */
  ROLETRAIL_DEPLOY_ISSUER_ADMIN: role,
  /** Names of the issuer's keys, the signing one first (docs/runbook.md, "Key rotation"). */
  ROLETRAIL_DEPLOY_ISSUER_KEYS: z
    .string()
    .default("first")
    .transform((text) => text.split(","))
    .pipe(z.array(z.string().regex(/^[a-z0-9]{1,20}$/)).min(1)),
  /** `s3://bucket/prefix` of an organisation trail that is there already: it is adopted. Without it, one is made. */
  ROLETRAIL_DEPLOY_TRAIL: z
    .string()
    .regex(/^s3:\/\/[a-z0-9.-]{3,63}(\/[^/]+)*$/)
    .optional(),
  /** `s3://bucket/prefix` with Object Lock, in another account, for the ledger's anchors. Without it one is made here. */
  ROLETRAIL_DEPLOY_ANCHORS: z
    .string()
    .regex(/^s3:\/\/[a-z0-9.-]{3,63}(\/[\w-]+)*$/)
    .optional(),
  /** First day of the trail's logs that is asked. */
  ROLETRAIL_DEPLOY_TRAIL_SINCE: z
    .string()
    .regex(/^\d{4}\/\d{2}\/\d{2}$/)
    .default("2024/01/01"),
  /** `203.0.113.0/24,…`: who may reach the app at all. Without it anybody reaches the sign-in page. */
  ROLETRAIL_DEPLOY_ALLOWED_IPS: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.cidrv4()).min(1))
    .optional(),
  /** `vpc-…`: the app behind an internal load balancer there, on no public address. Without it CloudFront. */
  ROLETRAIL_DEPLOY_VPC: z
    .string()
    .regex(/^vpc-[0-9a-f]{8,17}$/)
    .optional(),
  /** `subnet-…,subnet-…`: its private subnets, in two zones at least. */
  ROLETRAIL_DEPLOY_SUBNETS: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/)).min(2))
    .optional(),
  /** Where alarms and the budget's warning go. */
  ROLETRAIL_DEPLOY_NOTIFY: z.email(),
  ROLETRAIL_DEPLOY_BUDGET_DOLLARS: z.coerce.number().int().positive().default(300),
  ROLETRAIL_DEPLOY_ACCESS: z.string().default("access.yaml"),
  /** The one role that may change the access file that is deployed. The issuer's admin, unless another is named. */
  ROLETRAIL_DEPLOY_ACCESS_ADMIN: role.optional(),
});

/** @throws Error that names the variable and what is wrong with it: the deployment then changes nothing. */
function readDeploySettings(environment: NodeJS.ProcessEnv): z.output<typeof Settings> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = Settings.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path[0]?.toString()}: ${message}`);
  throw new Error(
    `The deployment is not told enough:\n  ${faults.join("\n  ")}\ndocs/onboarding.md lists the variables.`,
  );
}

/** The part of access.yaml that roles depend on; core/access.ts checks the whole file before anything uses it. */
const Access = z.object({
  accounts: z.array(z.object({ id: z.string(), broker: z.string().optional() })),
  roles: z.array(z.object({ arn: z.string(), road: z.string().default("web-identity") })),
});

const told = readDeploySettings(process.env);
const accessFile = told.ROLETRAIL_DEPLOY_ACCESS;
export const accessText = readFileSync(accessFile, "utf8");
const access = Access.parse(parse(accessText));

export const account = told.ROLETRAIL_DEPLOY_ACCOUNT;
export const region = told.ROLETRAIL_DEPLOY_REGION;
export const organisation = told.ROLETRAIL_DEPLOY_ORGANISATION;
export const domain = told.ROLETRAIL_DEPLOY_DOMAIN;
export const issuerDomain = told.ROLETRAIL_DEPLOY_ISSUER;
export const issuerAdmin = told.ROLETRAIL_DEPLOY_ISSUER_ADMIN;
export const issuerKeys = told.ROLETRAIL_DEPLOY_ISSUER_KEYS;
export const trailSince = told.ROLETRAIL_DEPLOY_TRAIL_SINCE;
export const allowedIps = told.ROLETRAIL_DEPLOY_ALLOWED_IPS;
/** A network that is there, for an app that is on no public address; undefined where it is CloudFront's. */
export const privateNetwork = networkOf(told.ROLETRAIL_DEPLOY_VPC, told.ROLETRAIL_DEPLOY_SUBNETS);
export const notify = told.ROLETRAIL_DEPLOY_NOTIFY;
export const budgetDollars = told.ROLETRAIL_DEPLOY_BUDGET_DOLLARS;
export const accessAdmin = told.ROLETRAIL_DEPLOY_ACCESS_ADMIN ?? issuerAdmin;

/** Bucket and prefix of an organisation trail that exists; undefined where one is to be made. */
export const adoptedTrail = adopted(told.ROLETRAIL_DEPLOY_TRAIL);

/** Bucket and prefix for the ledger's anchors that are somebody else's to keep. */
export const adoptedAnchors = adopted(told.ROLETRAIL_DEPLOY_ANCHORS);

/** Roles of the road assume-role, which the broker's role takes; exact, so that a wide trust elsewhere lends it nothing. */
export const assumable = access.roles.filter(({ road }) => road === "assume-role").map(({ arn }) => arn);

function adopted(source: string | undefined): { readonly bucket: string; readonly prefix: string } | undefined {
  if (source === undefined) return undefined;
  const [bucket = "", ...rest] = source.slice("s3://".length).split("/");
  return { bucket, prefix: rest.map((part) => `${part}/`).join("") };
}

function networkOf(vpc: string | undefined, subnets: readonly string[] | undefined) {
  if (vpc === undefined && subnets === undefined) return undefined;
  if (vpc === undefined || subnets === undefined)
    throw new Error("A private network is told by ROLETRAIL_DEPLOY_VPC and ROLETRAIL_DEPLOY_SUBNETS, both.");
  return { vpc, subnets };
}

const reaching = access.roles.find(({ arn }) => arn.split(":")[4] === account);
if (reaching !== undefined)
  throw new Error(
    `${reaching.arn} is in the account that Roletrail itself runs in: whoever took it could rewrite Roletrail. Take it out of ${accessFile}.`,
  );
if (issuerDomain === domain) throw new Error("The issuer needs a host name of its own, not the app's.");
