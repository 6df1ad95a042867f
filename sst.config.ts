/// <reference path="./.sst/platform/config.d.ts" />

/** Roletrail on AWS, one file a concern under infra/. docs/onboarding.md says how to put it up. */
export default $config({
  app(input) {
    return {
      name: "roletrail",
      home: "aws",
      // Logs, ledger and anchors outlive a mistaken `sst remove`; production refuses it altogether.
      removal: "retain",
      protect: input.stage === "production",
      providers: {
        aws: {
          version: "7.20.0",
          region: process.env["ROLETRAIL_DEPLOY_REGION"] as aws.Region,
          allowedAccountIds: [process.env["ROLETRAIL_DEPLOY_ACCOUNT"] ?? ""],
        },
      },
    };
  },
  async run() {
    await import("./infra/store.ts");
    await import("./infra/access.ts");
    await import("./infra/issuer.ts");
    await import("./infra/trail.ts");
    await import("./infra/facts.ts");
    await import("./infra/anchors.ts");
    await import("./infra/functions.ts");
    const { privateNetwork } = await import("./infra/settings.ts");
    const { appUrl } =
      privateNetwork === undefined ? await import("./infra/web.ts") : await import("./infra/web-private.ts");
    await import("./infra/alarms.ts");
    const { issuerUrl } = await import("./infra/issuer.ts");
    return { app: appUrl, issuer: issuerUrl };
  },
});
