/// <reference path="../.sst/platform/config.d.ts" />
import { invocable } from "./functions.ts";
import { functionArn, nameOf, sealRole } from "./lambda.ts";
import { account, domain } from "./settings.ts";

/** `sst secret set CookieKey …`: the one secret web holds, and all that a stolen one opens is reading. */
const cookieKey = new sst.Secret("CookieKey");

/** The web tier is the same behind CloudFront and behind a private load balancer: its settings, its machine, its rights. */
export const webEnvironment = {
  ROLETRAIL_WORLD: `aws-${account}`,
  ROLETRAIL_URL: `https://${domain}`,
  ROLETRAIL_FUNCTIONS: nameOf(""),
  ROLETRAIL_COOKIE_SECRET: cookieKey.value,
  NEXTAUTH_SECRET: cookieKey.value,
  NEXTAUTH_URL: `https://${domain}`,
};

export const webServer = {
  runtime: "nodejs22.x",
  architecture: "arm64",
  memory: "1024 MB",
  // As long as `ask` may take; CloudFront waits no longer without a quota of its own.
  timeout: "60 seconds",
} as const;

/** Its whole policy: these functions, its own log. test/infra/web-policy.json is that policy, by hand. */
export const sealWeb = (role: aws.iam.RoleArgs): undefined =>
  sealRole(role, "web", [
    {
      sid: "AskFunctions",
      actions: ["lambda:InvokeFunction"],
      resources: Object.keys(invocable).map(functionArn),
    },
  ]);
