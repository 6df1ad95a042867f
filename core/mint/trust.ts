import { nameOf, type Terms } from "../access.ts";
import { mintTag } from "./checks.ts";

/** What the trust statement depends on. */
export interface Trusting {
  readonly terms: Terms;
  /** Roletrail's own issuer. */
  readonly issuer: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly source_identity: string | null;
}

/** The statements a role's trust policy needs for this mint, on one line, to be pasted. */
export function trustLine(trusting: Trusting): string {
  return trustStatements(trusting)
    .map((statement) => JSON.stringify(statement))
    .join(",");
}

export function trustStatements(trusting: Trusting): readonly object[] {
  const { terms, source_identity } = trusting;
  const { role, account } = terms;
  if (role.road === "web-identity") return webIdentityTrust(trusting);
  const condition = { StringEquals: { "sts:ExternalId": role.external_id } };
  const more = source_identity === null ? [] : ["sts:SetSourceIdentity"];
  return [
    {
      Effect: "Allow",
      Principal: { AWS: account.broker ?? "<the ARN of Roletrail's mint function>" },
      Action: ["sts:AssumeRole", "sts:TagSession", ...more],
      ...(role.external_id === undefined ? {} : { Condition: condition }),
    },
  ];
}

/**
 * For tokens of this role alone, with our tags and no others, the mint's among them: a session without it could not be
 * ended alone. AWS documents the request's tags for taking a role and for tagging, not for the source identity: that
 * stands by itself.
 */
function webIdentityTrust({ terms: { role, account }, issuer, tags, source_identity }: Trusting): readonly object[] {
  const host = hostOf(issuer);
  const Principal = { Federated: `arn:${account.partition}:iam::${account.id}:oidc-provider/${host}` };
  const token = {
    StringEquals: { [`${host}:aud`]: "sts.amazonaws.com" },
    StringLike: { [`${host}:sub`]: `${account.id}:${nameOf(role.arn)}:*` },
  };
  const taken = {
    Effect: "Allow",
    Principal,
    Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
    Condition: {
      ...token,
      "ForAllValues:StringEquals": { "aws:TagKeys": Object.keys(tags) },
      Null: { [`aws:RequestTag/${mintTag}`]: "false" },
    },
  };
  if (source_identity === null) return [taken];
  return [taken, { Effect: "Allow", Principal, Action: "sts:SetSourceIdentity", Condition: token }];
}

/** How IAM names the provider and its condition keys. */
export const hostOf = (issuer: string): string => issuer.replace(/^https:\/\//, "");
