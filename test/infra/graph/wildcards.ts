/**
 * Every star in a role's policy, with its reason. The graph's own list must be this one: a new star fails until somebody
 * writes here why it is there, an old one until it is taken out. A star behind a `/` or `:` inside one named thing of ours
 * (objects of one bucket, streams of one log group, tables of one database) is listed, too.
 */
export const wildcards: readonly { readonly role: string; readonly star: string; readonly reason: string }[] = [
  ...[
    "status",
    "vault",
    "read",
    "ask",
    "mint",
    "revoke",
    "facts",
    "sweep",
    "anchor",
    "reconcile",
    "notify",
    "web",
    "images",
  ].map((name) => ({
    role: name,
    star: `arn:aws:logs:eu-central-1:111122223333:log-group:/aws/lambda/roletrail-production-${name}:*`,
    reason: "Lambda names the log streams of its instances as it likes; the group is the function's own.",
  })),
  ...["mint", "revoke", "read"].map((name) => ({
    role: name,
    star: "arn:aws:iam::*:role/RoletrailReader",
    reason:
      "Hundreds of accounts do not fit a policy; held to our organisation by aws:ResourceOrgID, and the role only looks.",
  })),
  {
    role: "revoke",
    star: "arn:aws:iam::*:role/RoletrailRevoker",
    reason:
      "Hundreds of accounts do not fit a policy; held to our organisation, and each account's role trusts this one alone.",
  },
  ...["ask", "facts", "adhoc"].flatMap((role) => [
    {
      role,
      star: `arn:aws:s3:::roletrail-production-results-results/${groupOf(role)}/*`,
      reason: "Athena names its answers by query id, under the workgroup's own prefix.",
    },
    {
      role,
      star: "arn:aws:glue:eu-central-1:111122223333:table/roletrail_production/*",
      reason: "Roletrail's own database; its tables are the facts.",
    },
    { role, star: "arn:aws:s3:::roletrail-production-facts-facts/*", reason: "Iceberg names its files itself." },
  ]),
  ...["ask", "read"].map((role) => ({
    role,
    star: "arn:aws:s3:::roletrail-production-results-results/answers/*",
    reason: "Answers too large for Lambda, under an id that is made with the answer; gone after a week.",
  })),
  ...["anchor", "mint", "read", "reconcile"].map((role) => ({
    role,
    star: "arn:aws:s3:::roletrail-production-anchors-anchors/heads/*",
    reason: "Anchors are named by their time; the prefix holds nothing else, and Object Lock keeps each as it was put.",
  })),
  {
    role: "facts",
    star: "arn:aws:s3:::roletrail-production-trail-traillogs/AWSLogs/o-exampleorg1/*",
    reason: "The organisation's logs: every account, Region and day of them, to read.",
  },
];

function groupOf(role: string): string {
  if (role === "facts") return "refresh";
  return role === "adhoc" ? "adhoc" : "pages";
}
