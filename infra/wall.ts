/// <reference path="../.sst/platform/config.d.ts" />
import { allowedIps } from "./settings.ts";

/** CloudFront's firewall lives in us-east-1, wherever the app is. */
const edge = new aws.Provider("Edge", { region: "us-east-1" });
const visibilityConfig = (metricName: string) => ({
  cloudwatchMetricsEnabled: true,
  metricName,
  sampledRequestsEnabled: false,
});

const allowed =
  allowedIps === undefined
    ? undefined
    : new aws.wafv2.IpSet(
        "AllowedIps",
        {
          name: `roletrail-${$app.stage}-allowed`,
          scope: "CLOUDFRONT",
          ipAddressVersion: "IPV4",
          addresses: allowedIps,
        },
        { provider: edge },
      );

/**
 * Before the app: with an allow-list only those addresses reach it at all; without one, everybody reaches the sign-in page.
 * Both are held to 3,000 requests in five minutes an address. The issuer stands outside: STS must reach it.
 */
export const wall = new aws.wafv2.WebAcl(
  "Wall",
  {
    name: `roletrail-${$app.stage}`,
    scope: "CLOUDFRONT",
    defaultAction: allowed === undefined ? { allow: {} } : { block: {} },
    visibilityConfig: visibilityConfig("roletrail"),
    rules: [
      {
        name: "too-many",
        priority: 0,
        action: { block: {} },
        statement: { rateBasedStatement: { limit: 3_000, aggregateKeyType: "IP", evaluationWindowSec: 300 } },
        visibilityConfig: visibilityConfig("roletrail-too-many"),
      },
      ...(allowed === undefined
        ? []
        : [
            {
              name: "our-addresses",
              priority: 1,
              action: { allow: {} },
              statement: { ipSetReferenceStatement: { arn: allowed.arn } },
              visibilityConfig: visibilityConfig("roletrail-allowed"),
            },
          ]),
    ],
  },
  { provider: edge },
);
