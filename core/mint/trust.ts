import { nameOf, type Terms } from "../access.ts";

/** What the trust statement depends on. */
export interface Trusting {
  readonly terms: Terms;
  /** Roletrail's own issuer. */
  readonly issuer: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly source_identity: string | null;
}

/** The statement a role's trust policy needs for this mint, on one line, to be pasted. */
export function trustLine(trusting: Trusting): string {
  return JSON.stringify(trustStatement(trusting));
}

export function trustStatement({ terms, issuer, tags, source_identity }: Trusting): object {
  const { role, account } = terms;
  const more = ["sts:TagSession", ...(source_identity === null ? [] : ["sts:SetSourceIdentity"])];
  if (role.road === "assume-role") {
    const condition = { StringEquals: { "sts:ExternalId": role.external_id } };
    return {
      Effect: "Allow",
      Principal: { AWS: account.broker ?? "<the ARN of Roletrail's mint function>" },
      Action: ["sts:AssumeRole", ...more],
      ...(role.external_id === undefined ? {} : { Condition: condition }),
    };
  }
  const host = hostOf(issuer);
  return {
    Effect: "Allow",
    Principal: { Federated: `arn:${account.partition}:iam::${account.id}:oidc-provider/${host}` },
    Action: ["sts:AssumeRoleWithWebIdentity", ...more],
    Condition: {
      StringEquals: { [`${host}:aud`]: "sts.amazonaws.com" },
      StringLike: { [`${host}:sub`]: `${account.id}:${nameOf(role.arn)}:*` },
      "ForAllValues:StringEquals": { "aws:TagKeys": Object.keys(tags) },
    },
  };
}

/** How IAM names the provider and its condition keys. */
export const hostOf = (issuer: string): string => issuer.replace(/^https:\/\//, "");
