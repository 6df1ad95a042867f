import { type Condition, compileConditions } from "#/core/iam/condition.ts";
import { MalformedPolicy } from "#/core/iam/malformed.ts";
import { type ArnPattern, compileArn, compilePattern, type Pattern, splitArn } from "#/core/iam/pattern.ts";
import { type PrincipalPattern, readPrincipals } from "#/core/iam/principal.ts";

/** A policy document, checked against AWS's grammar and compiled. */
export interface Policy {
  readonly version: "2008-10-17" | "2012-10-17";
  readonly statements: readonly Statement[];
}

export interface Statement {
  /** Place in the document, from 0. */
  readonly index: number;
  readonly sid: string | undefined;
  readonly effect: "Allow" | "Deny";
  readonly actions: Element<Pattern>;
  /** Undefined in a trust policy: the role itself. */
  readonly resources: Element<ArnPattern> | undefined;
  /** Undefined where the policy hangs on its principal. */
  readonly principals: Element<PrincipalPattern> | undefined;
  readonly conditions: readonly Condition[];
}

/** `Action` or `NotAction`, `Resource` or `NotResource`, `Principal` or `NotPrincipal`. */
export interface Element<Of> {
  readonly not: boolean;
  readonly any: readonly Of[];
}

export interface NamedPolicy {
  /** `AWSRevokeOlderSessions`, or a managed policy's ARN. */
  readonly name: string;
  readonly policy: Policy;
}

export type PolicyKind = "identity" | "session" | "boundary" | "resource" | "trust" | "scp";

/** Identity policies, boundaries, session policies and SCPs share one grammar; trust and bucket policies name principals. */
export type Form = "identity" | "trust" | "resource";

/** Throws {@link MalformedPolicy} with the reason AWS gives. */
export function parsePolicy(text: string, form: Form): Policy {
  const document = readObject(text);
  only(document, ["Version", "Id", "Statement"]);
  const version = readVersion(document["Version"]);
  const given = document["Statement"];
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (given === undefined || list.length === 0) throw new MalformedPolicy("Syntax errors in policy.");
  const statements = list.map((statement, index) => readStatement(statement, index, version, form));
  const sids = statements.flatMap(({ sid }) => (sid === undefined || sid === "" ? [] : [sid]));
  if (new Set(sids).size < sids.length) {
    throw new MalformedPolicy("Statement IDs (SID) in a single policy must be unique.");
  }
  return { version, statements };
}

function readObject(text: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new MalformedPolicy("This policy contains invalid Json");
  }
  return objectOf(document);
}

function readVersion(version: unknown): Policy["version"] {
  if (version === undefined) return "2008-10-17";
  if (version === "2008-10-17" || version === "2012-10-17") return version;
  throw new MalformedPolicy("The policy must contain a valid version string");
}

const elements = [
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "NotPrincipal",
  "Condition",
];

function readStatement(given: unknown, index: number, version: Policy["version"], form: Form): Statement {
  const statement = objectOf(given);
  only(statement, elements);
  const effect = statement["Effect"];
  if (effect !== "Allow" && effect !== "Deny") throw new MalformedPolicy("Syntax errors in policy.");
  const variables = version === "2012-10-17";
  return {
    index,
    sid: readSid(statement["Sid"], form),
    effect,
    principals: readPrincipalElement(statement, form),
    actions: readActions(statement, form),
    resources: readResources(statement, form, variables),
    conditions: compileConditions(statement["Condition"], variables),
  };
}

function readSid(sid: unknown, form: Form): string | undefined {
  if (sid === undefined) return undefined;
  if (typeof sid !== "string") throw new MalformedPolicy("Syntax errors in policy.");
  if (form !== "resource" && !/^[0-9A-Za-z]*$/.test(sid)) {
    throw new MalformedPolicy(
      "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    );
  }
  return sid;
}

function readPrincipalElement(statement: Record<string, unknown>, form: Form): Statement["principals"] {
  const named = oneOf(statement, "Principal", "NotPrincipal");
  if (form === "identity") {
    if (named !== undefined) throw new MalformedPolicy("Policy document should not specify a principal.");
    return undefined;
  }
  if (named === undefined) throw new MalformedPolicy("Missing required field Principal");
  return { not: named.not, any: readPrincipals(named.value) };
}

function readActions(statement: Record<string, unknown>, form: Form): Element<Pattern> {
  const named = oneOf(statement, "Action", "NotAction");
  const actions = named === undefined ? [] : texts(named.value);
  if (named === undefined || actions.length === 0) throw new MalformedPolicy("Policy statement must contain actions.");
  actions.forEach(checkAction);
  if (form === "trust" && (named.not || !actions.every((action) => /^sts:/i.test(action)))) {
    throw new MalformedPolicy("AssumeRole policy may only specify STS AssumeRole actions.");
  }
  const reading = { variables: false, wildcards: true };
  return { not: named.not, any: actions.map((action) => compilePattern(action.toLowerCase(), reading)) };
}

function checkAction(action: string): void {
  if (action === "*") return;
  const parts = action.split(":");
  if (parts.length < 2) {
    throw new MalformedPolicy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  }
  if (parts.length > 2) throw new MalformedPolicy("Actions/Condition can contain only one colon.");
  const [vendor = "", name] = parts;
  if (!/^[\w*?.-]+$/.test(vendor)) throw new MalformedPolicy(`Vendor ${vendor} is not valid`);
  if (name === "" || /\s/.test(action)) throw new MalformedPolicy("The policy failed legacy parsing");
}

function readResources(statement: Record<string, unknown>, form: Form, variables: boolean): Statement["resources"] {
  const named = oneOf(statement, "Resource", "NotResource");
  if (form === "trust") {
    if (named !== undefined) throw new MalformedPolicy("Has prohibited field Resource");
    return undefined;
  }
  const resources = named === undefined ? [] : texts(named.value);
  if (named === undefined || resources.length === 0) {
    throw new MalformedPolicy("Policy statement must contain resources.");
  }
  resources.forEach(checkResource);
  return { not: named.not, any: resources.map((resource) => compileArn(resource, variables)) };
}

function checkResource(resource: string): void {
  if (resource === "*") return;
  const [arn, partition = "", service = ""] = splitArn(resource);
  if (arn !== "arn") throw new MalformedPolicy(`Resource ${resource} must be in ARN format or "*".`);
  if (!/^(aws[a-z-]*|\*)$/.test(partition)) {
    throw new MalformedPolicy(`Partition "${partition}" is not valid for resource "${resource}".`);
  }
  if (service === "") throw new MalformedPolicy("The policy failed legacy parsing");
}

function oneOf(statement: Record<string, unknown>, name: string, notName: string) {
  const value = statement[name];
  const notValue = statement[notName];
  if (value !== undefined && notValue !== undefined) throw new MalformedPolicy("Syntax errors in policy.");
  if (value !== undefined) return { not: false, value };
  return notValue === undefined ? undefined : { not: true, value: notValue };
}

function texts(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item !== "string") throw new MalformedPolicy("Syntax errors in policy.");
    return item;
  });
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedPolicy("Syntax errors in policy.");
  }
  return Object.fromEntries(Object.entries(value));
}

function only(object: Record<string, unknown>, names: readonly string[]): void {
  if (!Object.keys(object).every((name) => names.includes(name))) throw new MalformedPolicy("Syntax errors in policy.");
}
