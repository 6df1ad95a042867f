/// <reference path="../.sst/platform/config.d.ts" />
import { invocable } from "./functions.ts";
import { functionArn, nameOf, sealRole } from "./lambda.ts";
import { account, domain } from "./settings.ts";
import { wall } from "./wall.ts";

/** `sst secret set CookieKey …`: the one secret web holds, and all that a stolen one opens is reading. */
const cookieKey = new sst.Secret("CookieKey");

/**
 * The web tier: Next.js through OpenNext, behind CloudFront, its function URL closed to everybody else (AWS_IAM, signed at
 * the edge). Its whole policy is: these functions, its own log. test/infra/web-policy.json is that policy, by hand.
 */
export const web = new sst.aws.Nextjs("Web", {
  openNextVersion: "4.1.12",
  // The version of the lockfile, not one that npx fetches while it deploys.
  buildCommand: "node tools/open-next.mjs",
  domain,
  protection: "oac-with-edge-signing",
  server: { runtime: "nodejs22.x", architecture: "arm64", memory: "1024 MB", timeout: "30 seconds" },
  environment: {
    ROLETRAIL_WORLD: `aws-${account}`,
    ROLETRAIL_URL: `https://${domain}`,
    ROLETRAIL_FUNCTIONS: nameOf(""),
    ROLETRAIL_COOKIE_SECRET: cookieKey.value,
    NEXTAUTH_SECRET: cookieKey.value,
    NEXTAUTH_URL: `https://${domain}`,
  },
  transform: {
    server: (server) => {
      server.name = nameOf("web");
      server.permissions = [];
      server.logging = { format: "json", retention: "1 year" };
      server.transform = {
        // SST would add cloudfront:CreateInvalidation and the bucket of assets to write; this app is all dynamic.
        role: (role) =>
          sealRole(role, "web", [
            {
              sid: "AskFunctions",
              actions: ["lambda:InvokeFunction"],
              resources: Object.keys(invocable).map(functionArn),
            },
          ]),
      };
    },
    imageOptimizer: (optimizer) => {
      // Images are served as they are (next.config.ts), and the optimiser has had holes: it can never run.
      optimizer.name = nameOf("images");
      optimizer.concurrency = { reserved: 0 };
      optimizer.permissions = [];
      optimizer.transform = { role: (role) => sealRole(role, "images", []) };
    },
    cdn: (cdn) => {
      cdn.webAclArn = wall.arn;
    },
  },
});
