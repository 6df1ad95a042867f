import { deflateRawSync } from "node:zlib";
import { MalformedPolicy } from "#/core/iam/malformed.ts";
import { named } from "./authorize.ts";
import { AwsError } from "./call.ts";
import { Constraints, listOf, type Parameters, wholeNumber } from "./parameters.ts";

/** What every issuing call of STS may ask for beside who it is for: time, session policies, tags, source identity. */
export interface Terms {
  readonly seconds: number | undefined;
  readonly policies: readonly string[];
  readonly policyArns: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
  /** Per cent of the packed size used, as the answer says. */
  readonly packedSize: number | undefined;
}

export const namePattern = /^[\w+=,.@-]*$/;
export const namePatternShown = "[\\w+=,.@-]*";

/** Reads and checks the terms of AssumeRole, GetFederationToken and (without tags) AssumeRoleWithWebIdentity. */
export function termsOf(parameters: Parameters, limits: { secondsMax: number; tags: boolean }): Terms {
  const seconds = wholeNumber(parameters, "DurationSeconds");
  const policy = parameters.get("Policy");
  const policyArns = listOf(parameters, "PolicyArns", "arn");
  const tags = limits.tags ? tagsOf(parameters) : [];
  const transitiveTagKeys = limits.tags ? listOf(parameters, "TransitiveTagKeys") : [];
  const sourceIdentity = limits.tags ? parameters.get("SourceIdentity") : undefined;
  const constraints = new Constraints()
    .between("durationSeconds", seconds, 900, limits.secondsMax)
    .length("policy", policy, 1, Number.POSITIVE_INFINITY)
    .pattern("policy", policy, policyCharacters, "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+")
    .atMost("policyArns", policyArns, 10)
    .atMost("tags", tags, 50)
    .atMost("transitiveTagKeys", transitiveTagKeys, 50)
    .length("sourceIdentity", sourceIdentity, 2, 64)
    .pattern("sourceIdentity", sourceIdentity, namePattern, namePatternShown);
  constrainTags(constraints, tags);
  for (const arn of policyArns) constraints.length("policyArns", arn, 20, 2_048);
  constraints.done();
  return checkedTerms({
    seconds,
    policies: policy === undefined ? [] : [policy],
    policyArns,
    tags,
    transitiveTagKeys,
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  });
}

/** What the characters alone cannot tell: policies that parse, keys that clash, the packed size. */
export function checkedTerms(given: GivenTerms): Terms {
  if (given.sourceIdentity?.toLowerCase().startsWith("aws:"))
    throw new AwsError("ValidationError", "Source identity cannot start with the reserved prefix aws:");
  checkPolicies(given.policies, given.policyArns);
  checkKeys(given.tags, given.transitiveTagKeys);
  return { ...given, tags: Object.fromEntries(given.tags), packedSize: packedSizeOf(given) };
}

export interface GivenTerms extends Omit<Terms, "tags" | "packedSize"> {
  readonly tags: readonly (readonly [string, string])[];
}

export function constrainTags(constraints: Constraints, tags: GivenTerms["tags"]): void {
  for (const [at, [key, value]] of tags.entries()) {
    constraints
      .length(`tags.${at + 1}.member.key`, key, 1, 128)
      .pattern(`tags.${at + 1}.member.key`, key, tagCharacters, "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+")
      .length(`tags.${at + 1}.member.value`, value, 0, 256)
      .pattern(`tags.${at + 1}.member.value`, value, tagCharacters, "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");
  }
}

const policyCharacters = /^[\t\n\r\x20-\xff]+$/;
const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
// Inline session policy and managed ARNs together (API model of STS; AssumeRole's own model has no maximum, AWS refuses).
const plainCharactersMax = 2_048;
// AWS does not say how it packs. This is an estimate that gives the few percentages its documentation shows
// (docs/decisions/0112): policies deflated, ARNs and tags as they are.
const packedBytesMax = 4_096;

function tagsOf(parameters: Parameters): [string, string][] {
  const values = new Map<number, string>();
  const keys = listOf(parameters, "Tags", "Key");
  for (const at of keys.keys()) values.set(at, parameters.get(`Tags.member.${at + 1}.Value`) ?? "");
  return keys.map((key, at) => [key, values.get(at) ?? ""]);
}

function checkPolicies(policies: readonly string[], arns: readonly string[]): void {
  const characters = [...policies, ...arns].reduce((sum, text) => sum + text.length, 0);
  if (characters > plainCharactersMax)
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to ${plainCharactersMax}`,
    );
  for (const text of policies) checkPolicy(text);
}

function checkPolicy(text: string): void {
  try {
    named("session policy", text, "identity");
  } catch (error) {
    if (error instanceof MalformedPolicy) throw new AwsError("MalformedPolicyDocument", error.message);
    throw error;
  }
}

function checkKeys(tags: GivenTerms["tags"], transitiveTagKeys: readonly string[]): void {
  const keys = tags.map(([key]) => key.toLowerCase());
  if (new Set(keys).size < keys.length)
    throw new AwsError(
      "InvalidParameterValue",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
  if (keys.some((key) => key.startsWith("aws:")))
    throw new AwsError(
      "InvalidParameterValue",
      "Tag keys starting with the reserved prefix aws: cannot be passed as session tags.",
    );
  if (transitiveTagKeys.some((key) => !keys.includes(key.toLowerCase())))
    throw new AwsError(
      "InvalidParameterValue",
      "The specified transitive tag key must be included in the requested tags.",
    );
}

/** @throws AwsError PackedPolicyTooLarge over 100 per cent. */
function packedSizeOf(given: GivenTerms): number | undefined {
  const { policies, policyArns, tags } = given;
  if (policies.length + policyArns.length + tags.length === 0) return undefined;
  const policyBytes = policies.reduce((sum, text) => sum + deflateRawSync(text).length, 0);
  const arnBytes = policyArns.reduce((sum, arn) => sum + Buffer.byteLength(arn), 0);
  const tagBytes = tags.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value) + 2, 0);
  const percent = Math.max(1, Math.ceil(((policyBytes + arnBytes + tagBytes) * 100) / packedBytesMax));
  if (percent <= 100) return percent;
  throw new AwsError(
    "PackedPolicyTooLarge",
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
}
