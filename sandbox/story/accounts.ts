/** The accounts of Northwharf and the one of its supplier. The ids are AWS's documentation kind: nobody's. */
export const accounts = {
  orgRoot: "999900001111",
  security: "222233334444",
  prodWeb: "444455556666",
  prodData: "111122223333",
  staging: "777788889999",
  playground: "606070708080",
  backup: "555566667777",
  vendor: "303040405050",
} as const;

export type AccountKey = keyof typeof accounts;

export const accountNames: Readonly<Record<AccountKey, string>> = {
  orgRoot: "org-root",
  security: "security",
  prodWeb: "prod-web",
  prodData: "prod-data",
  staging: "staging",
  playground: "playground",
  backup: "backup",
  vendor: "vendor-acme",
};

/** The supplier is no member: the organisation trail holds nothing of its own account. */
export const memberKeys = [
  "orgRoot",
  "security",
  "prodWeb",
  "prodData",
  "staging",
  "playground",
  "backup",
] as const satisfies readonly AccountKey[];

export const organisationId = "o-nw7k2q9x4d";
export const trailName = "organisation";
export const trailBucket = "northwharf-org-trail";
export const homeRegion = "eu-central-1";
/** Where IAM, sign-in and STS's global endpoint are recorded. */
export const globalRegion = "us-east-1";

export const roletrailIssuer = "issuer.roletrail.test";
export const githubIssuer = "token.actions.githubusercontent.com";
/** Who signs people in. Person ids hang on it, so it does not move with the port. */
export const signInIssuer = "https://signin.roletrail.test";

export const externalIds = { partnerExport: "nw-acme-7f2c", vendorMonitoring: "acme-nw-51d8" } as const;

export const roleArn = (account: AccountKey, name: string, path = "/"): string =>
  `arn:aws:iam::${accounts[account]}:role${path}${name}`;
