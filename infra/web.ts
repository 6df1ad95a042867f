/// <reference path="../.sst/platform/config.d.ts" />
import { nameOf, sealRole } from "./lambda.ts";
import { domain } from "./settings.ts";
import { wall } from "./wall.ts";
import { sealWeb, webEnvironment, webServer } from "./web-terms.ts";

/**
 * The web tier: Next.js through OpenNext, behind CloudFront, its function URL closed to everybody else (AWS_IAM, signed at
 * the edge). Its whole policy is: these functions, its own log. test/infra/web-policy.json is that policy, by hand.
 */
const web = new sst.aws.Nextjs("Web", {
  openNextVersion: "4.1.12",
  // The version of the lockfile, not one that npx fetches while it deploys.
  buildCommand: "node tools/open-next.mjs",
  domain,
  protection: "oac-with-edge-signing",
  server: webServer,
  environment: webEnvironment,
  transform: {
    server: (server) => {
      server.name = nameOf("web");
      server.permissions = [];
      server.logging = { format: "json", retention: "1 year" };
      server.transform = {
        // SST would add cloudfront:CreateInvalidation and the bucket of assets to write; this app is all dynamic.
        role: sealWeb,
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

export const appUrl = web.url;
