import canonicalize from "canonicalize";

/** The inline policy the AWS console's own "Revoke active sessions" writes, so that the console shows and refreshes the same one. */
export const revokePolicyName = "AWSRevokeOlderSessions";

/** AWS's own button sets the cutoff about this far ahead: a session made again in the propagation gap would escape "now". */
const aheadSeconds = 30;
/** Minting starts again this long after the cutoff: `aws:TokenIssueTime` counts whole seconds. */
const afterCutoffSeconds = 1;

/** now + 30 s, rounded up to a whole second. */
export const cutoffOf = (now: Date): Date => new Date(Math.ceil((now.getTime() + aheadSeconds * 1000) / 1000) * 1000);

/** A credential made from this time on is not hit. */
export const thawOf = (cutoff: Date): Date => new Date(cutoff.getTime() + afterCutoffSeconds * 1000);

/** Denies every session of the role issued before the cutoff: byte for byte the console's document. */
export const denyIssuedBefore = (cutoff: Date) =>
  ({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Deny",
        Action: ["*"],
        Resource: ["*"],
        Condition: { DateLessThan: { "aws:TokenIssueTime": cutoff.toISOString() } },
      },
    ],
  }) as const;

/** The text that is written and shown. */
export const policyText = (document: object): string => JSON.stringify(document);

/** Equal as IAM sees them: white space and key order do not count. False for what is no JSON. */
export function samePolicy(a: string, b: string): boolean {
  try {
    return canonicalize(JSON.parse(a)) === canonicalize(JSON.parse(b));
  } catch {
    return false;
  }
}

/** Is this the console's document (with any cutoff), and so free to be written anew? */
export function isRevokePolicy(text: string): boolean {
  const found = cutoffTextIn(text);
  return cutoffIn(text) !== null && looseForms(found).some((form) => samePolicy(text, form));
}

/** The cutoff that a document of the console's form has; null where there is none to read. */
export function cutoffIn(text: string): Date | null {
  const cutoff = new Date(cutoffTextIn(text));
  return Number.isNaN(cutoff.getTime()) ? null : cutoff;
}

const cutoffTextIn = (text: string): string => /"aws:TokenIssueTime"\s*:\s*\[?\s*"([^"]+)"/.exec(text)?.[1] ?? "";

/** AWS pages print the document with and without lists; both mean the same. */
function looseForms(cutoff: string): readonly string[] {
  const condition = { DateLessThan: { "aws:TokenIssueTime": cutoff } };
  const lists = { Effect: "Deny", Action: ["*"], Resource: ["*"], Condition: condition };
  const plain = { Effect: "Deny", Action: "*", Resource: "*", Condition: condition };
  return [lists, plain].flatMap((statement) => [
    policyText({ Version: "2012-10-17", Statement: [statement] }),
    policyText({ Version: "2012-10-17", Statement: statement }),
  ]);
}

/** What IAM counts against a role's 10,240: characters without white space. */
export const sizeOf = (document: string): number => [...document.replace(/\s/g, "")].length;

/** All inline policies of a role together (IAM quota, not adjustable). */
export const inlinePoliciesMax = 10_240;

/** What stops an Identity Center user instead: a prepared deny as SCP (it does not bind the management account). */
export const identityCenterScp = (userId: string): string =>
  JSON.stringify(
    {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "RoletrailRevoke",
          Effect: "Deny",
          Action: "*",
          Resource: "*",
          Condition: { StringEquals: { "identitystore:UserId": userId } },
        },
      ],
    },
    null,
    2,
  );
