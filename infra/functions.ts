/// <reference path="../.sst/platform/config.d.ts" />
import { readsAccess } from "./access.ts";
import { anchorPlaces, putsAnchors, readsAnchors } from "./anchors.ts";
import { adhocPlaces, adhocRole, answers, asks, athena, factsPlaces, leavesAnswers, writesFacts } from "./facts.ts";
import { keyArns, keyList, signingKeyArn } from "./issuer.ts";
import {
  door,
  entersBy,
  lambda,
  nameOf,
  policyOf,
  readsKeys,
  readsStore,
  roleArn,
  type Statement,
  takes,
  trustOf,
  writesLedger,
  writesState,
} from "./lambda.ts";
import { account, assumable, organisation } from "./settings.ts";
import { topic } from "./topic.ts";

/** Onboarding gives every target account these two (onboarding/), and the security account the third. */
const readerRole = "RoletrailReader";
const revokerRole = "RoletrailRevoker";
const brokerRole = "RoletrailBroker";

const looks = takes("LookAtRoles", readerRole, organisation);

/** What a function needs that asks another, the trail of `ask` most of all. */
const asker = { ROLETRAIL_FUNCTIONS: nameOf("") };
const asksTrail = (caller: "read" | "revoke" | "sweep" | "notify"): Statement => entersBy("AskTrail", "ask", caller);

const mint = lambda("mint", {
  handler: "functions/lambda/mint.handler",
  description: "Hands out one credential for a proven request; the only one that signs for STS",
  atOnce: 20,
  environment: { ROLETRAIL_ISSUER_KEY: keyList, ...anchorPlaces },
  may: [
    readsAccess,
    readsStore,
    writesState("lease", "proof", "idempotency#mint"),
    writesLedger("mint"),
    readsKeys,
    { sid: "SignForSts", actions: ["kms:Sign", "kms:GetPublicKey"], resources: [signingKeyArn] },
    looks,
    ...readsAnchors,
    ...brokers(),
  ],
});

/** The road assume-role: the mint function becomes the broker's role, and that takes exactly the roles of the access file. */
function brokers(): readonly Statement[] {
  if (assumable.length === 0) return [];
  return [
    { sid: "BecomeBroker", actions: ["sts:AssumeRole"], resources: [`arn:aws:iam::${account}:role/${brokerRole}`] },
  ];
}

if (assumable.length > 0) {
  const resources = assumable.join(",");
  // IAM's limit of 10,240 for the inline policies of a role, less what stands around the names.
  if (resources.length > 9_500)
    throw new Error(
      `${assumable.length} roles of the road assume-role do not fit one policy. Let some accounts trust the issuer (road web-identity) instead.`,
    );
  new aws.iam.Role("BrokerRole", {
    name: brokerRole,
    description: "Roletrail's broker for the road assume-role; taken by the mint function alone",
    assumeRolePolicy: trustOf({ AWS: mint.nodes.role.arn }),
    maxSessionDuration: 3600,
    inlinePolicies: [
      {
        name: "all",
        policy: policyOf([
          {
            sid: "TakeGrantedRoles",
            actions: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            resources: assumable,
          },
        ]),
      },
    ],
  });
}

const revoke = lambda("revoke", {
  handler: "functions/lambda/revoke.handler",
  description: "Ends sessions of a role for a proven request",
  atOnce: 10,
  may: [
    readsAccess,
    readsStore,
    writesState("freeze", "proof", "revocation", "idempotency#revoke"),
    writesLedger("revoke"),
    readsKeys,
    takes("BecomeRevoker", revokerRole, organisation),
    looks,
    asksTrail("revoke"),
  ],
  environment: asker,
});
door(revoke, "revoke", "sweep");

const vault = lambda("vault", {
  handler: "functions/lambda/vault.handler",
  description: "Holds who is signed in",
  timeout: "10 seconds",
  may: [readsAccess, readsStore, writesState("vault", "person", "person-keys#*"), writesLedger("vault"), readsKeys],
});

const read = lambda("read", {
  handler: "functions/lambda/read.handler",
  description: "Named views of store and access file, each as its viewer may see it",
  may: [
    readsAccess,
    readsStore,
    writesState("looked#*"),
    writesLedger("read"),
    readsKeys,
    looks,
    asksTrail("read"),
    ...readsAnchors,
    ...leavesAnswers,
  ],
  environment: { ...asker, ...answers, ...anchorPlaces },
});

const ask = lambda("ask", {
  handler: "functions/lambda/ask.handler",
  description: "Answers questions; with facts the only caller of Athena",
  memory: "1024 MB",
  timeout: "60 seconds",
  // Well inside the account's quota of running and queued statements (150 in eu-central-1, 20 in small Regions).
  atOnce: 15,
  may: [
    readsAccess,
    readsStore,
    writesLedger("ask"),
    readsKeys,
    ...asks,
    ...leavesAnswers,
    { sid: "BecomeAdhoc", actions: ["sts:AssumeRole"], resources: [roleArn("adhoc")] },
  ],
  environment: { ...athena, ...adhocPlaces, ...answers },
});
adhocRole(ask.nodes.role.arn);
for (const caller of ["read", "revoke", "sweep", "notify"]) door(ask, "ask", caller);

const status = lambda("status", {
  handler: "functions/lambda/status.handler",
  description: "Which world this is, and how one signs in to it",
  timeout: "10 seconds",
  may: [readsAccess],
});

const facts = lambda("facts", {
  handler: "functions/lambda/facts.handler",
  description: "The only writer of facts: new logs in, what they touch computed again",
  memory: "1024 MB",
  timeout: "900 seconds",
  // Two at once would merge the same days.
  atOnce: 1,
  may: [readsAccess, readsStore, writesState("trail"), ...writesFacts],
  environment: factsPlaces,
});

const sweep = lambda("sweep", {
  handler: "functions/lambda/sweep.handler",
  description: "Closes mints without an outcome from the trail; watches that the issuer publishes the key that signs",
  timeout: "60 seconds",
  atOnce: 1,
  environment: { ...asker, ROLETRAIL_ISSUER_KEY: keyList },
  may: [
    readsStore,
    writesState("revocation-counts"),
    writesLedger("sweep"),
    asksTrail("sweep"),
    entersBy("TakeUpRevocations", "revoke", "sweep"),
    { sid: "KnowTheKey", actions: ["kms:GetPublicKey"], resources: keyArns },
  ],
});

const anchor = lambda("anchor", {
  handler: "functions/lambda/anchor.handler",
  description: "Signs where the ledger's chains end, where nobody can take it back; cannot write the ledger",
  timeout: "60 seconds",
  atOnce: 1,
  environment: anchorPlaces,
  may: [readsStore, ...putsAnchors],
});

const reconcile = lambda("reconcile", {
  handler: "functions/lambda/reconcile.handler",
  description: "By hand, after a restore: enters what the ledger lost (docs/runbook.md). No role here may invoke it",
  timeout: "60 seconds",
  atOnce: 1,
  environment: anchorPlaces,
  may: [readsStore, writesLedger("reconcile"), ...readsAnchors],
});

const notify = lambda("notify", {
  handler: "functions/lambda/notify.handler",
  description:
    "Tells people what somebody should know of: revocations, those that failed, a restore, sessions outside the broker",
  timeout: "60 seconds",
  atOnce: 1,
  environment: { ...asker, ROLETRAIL_TOPIC: topic.arn },
  may: [
    readsStore,
    writesState("notified", "notified-outside"),
    asksTrail("notify"),
    { sid: "Tell", actions: ["sns:Publish"], resources: [topic.arn] },
  ],
});

/** What web may ask for, and nothing else: the names of core/invoke's table. */
export const invocable = { status, vault, read, ask, mint, revoke } as const;
export const all = { ...invocable, facts, sweep, anchor, reconcile, notify } as const;

/** CloudTrail delivers about five minutes after the call; a cheaper rhythm is one line here. */
schedule("FactsSchedule", "facts", facts, "rate(5 minutes)");
schedule("AnchorSchedule", "anchor", anchor, "rate(1 minute)");
schedule("NotifySchedule", "notify", notify, "rate(1 minute)");
schedule("SweepSchedule", "sweep", sweep, "rate(1 minute)");

function schedule(name: string, of: string, target: sst.aws.Function, every: string): void {
  const role = new aws.iam.Role(`${name}Role`, {
    name: `roletrail-${$app.stage}-${of}-schedule`,
    assumeRolePolicy: trustOf({ Service: "scheduler.amazonaws.com" }),
    inlinePolicies: [
      {
        name: "all",
        policy: policyOf([{ sid: "Start", actions: ["lambda:InvokeFunction"], resources: [target.arn] }]),
      },
    ],
  });
  new aws.scheduler.Schedule(name, {
    name: `roletrail-${$app.stage}-${of}`,
    scheduleExpression: every,
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: target.arn,
      roleArn: role.arn,
      input: JSON.stringify({ schedule: of }),
      // The next turn comes soon enough; a pile of late ones helps nobody.
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
    },
  });
}
