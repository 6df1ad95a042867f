/// <reference path="../.sst/platform/config.d.ts" />
import { existsSync } from "node:fs";
import { nameOf } from "./lambda.ts";
import { allowedIps, domain, privateNetwork } from "./settings.ts";
import { sealWeb, webEnvironment, webServer } from "./web-terms.ts";

/** `node tools/open-next.mjs --private` leaves it: OpenNext's server, its static files, and app/balancer.ts before both. */
const bundle = ".open-next/private";
if (!existsSync(`${bundle}/balancer.mjs`))
  throw new Error("The app is not built for a load balancer yet: run node tools/open-next.mjs --private.");
if (privateNetwork === undefined || allowedIps === undefined)
  throw new Error("A private network needs ROLETRAIL_DEPLOY_ALLOWED_IPS, too: who in it may reach the app.");

/**
 * The web tier for who keeps it off the internet: the same Lambda behind an internal load balancer of a network that is
 * there already. No distribution, no function URL; the API is reached the same way. Only the issuer stays public.
 */
const web = new sst.aws.Function("Web", {
  name: nameOf("web"),
  description: "The app, behind a load balancer of the private network",
  bundle,
  handler: "balancer.handler",
  ...webServer,
  logging: { format: "json", retention: "1 year" },
  environment: webEnvironment,
  transform: { role: sealWeb },
});

const guard = new aws.ec2.SecurityGroup("WebGuard", {
  name: nameOf("web"),
  description: "HTTPS from the addresses that may reach Roletrail; nothing out",
  vpcId: privateNetwork.vpc,
  ingress: [{ description: "the team", protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: [...allowedIps] }],
  egress: [],
});

const balancer = new aws.lb.LoadBalancer("WebBalancer", {
  name: nameOf("web"),
  internal: true,
  loadBalancerType: "application",
  subnets: [...privateNetwork.subnets],
  securityGroups: [guard.id],
  dropInvalidHeaderFields: true,
  enableDeletionProtection: true,
});

const target = new aws.lb.TargetGroup("WebTarget", {
  name: nameOf("web"),
  targetType: "lambda",
  // One header may stand twice (cookies above all): without this the last one alone would arrive.
  lambdaMultiValueHeadersEnabled: true,
});
const permission = new aws.lambda.Permission("WebFromBalancer", {
  action: "lambda:InvokeFunction",
  function: web.name,
  principal: "elasticloadbalancing.amazonaws.com",
  sourceArn: target.arn,
});
new aws.lb.TargetGroupAttachment(
  "WebAttached",
  { targetGroupArn: target.arn, targetId: web.arn },
  { dependsOn: [permission] },
);

/** Its name resolves in public DNS, as its certificate asks; the addresses it resolves to are the network's own. */
const dns = sst.aws.dns();
const certificate = new sst.aws.DnsValidatedCertificate("WebCertificate", { domainName: domain, dns });
new aws.lb.Listener("WebListener", {
  loadBalancerArn: balancer.arn,
  port: 443,
  protocol: "HTTPS",
  sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
  certificateArn: certificate.arn,
  defaultActions: [{ type: "forward", targetGroupArn: target.arn }],
});
dns.createAlias("Web", { name: domain, aliasName: balancer.dnsName, aliasZone: balancer.zoneId }, {});

export const appUrl = `https://${domain}`;
