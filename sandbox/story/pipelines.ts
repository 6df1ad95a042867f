import { accounts, githubIssuer } from "./accounts.ts";
import { hour, isWeekend, minute } from "./clock.ts";
import { awsId, type Random } from "./random.ts";
import { type Where, webIdentity } from "./shapes.ts";
import type { Stage } from "./stage.ts";
import { type Asker, askerOf, assumeByToken, assumeRole, refusedByApi, roleOf } from "./sts.ts";
import { toil } from "./toil.ts";

/** GitHub Actions: the shop's main branch goes to production, every branch to staging. */
export function pipelinesOn(stage: Stage, random: Random, midnight: number): void {
  const runs = isWeekend(midnight) ? random.int(0, 2) : random.int(11, 19);
  for (let run = 0; run < runs; run += 1) {
    const at = midnight + Math.floor(random.near(12, 2.6) * hour);
    const main = random.chance(0.45);
    const account = main ? "prodWeb" : "staging";
    const branch = main ? "main" : random.pick(["WEB-3301", "WEB-3318", "basket-rewrite", "node-24", "search-boost"]);
    pipeline(stage, random, { at, account, subject: `repo:northwharf/shop:ref:refs/heads/${branch}` });
  }
  if (random.chance(0.3)) refusedPipeline(stage, random, midnight + random.int(9, 15) * hour);
}

interface Run {
  readonly at: number;
  readonly account: "prodWeb" | "staging";
  readonly subject: string;
}

const runner = (random: Random): Where => ({
  ip: `198.51.100.${random.int(120, 160)}`,
  agent: "aws-sdk-nodejs/2.1692.0 linux/v20.19.5 configure-aws-credentials-for-github-actions promise",
});

function pipeline(stage: Stage, random: Random, run: Run): void {
  const where = runner(random);
  const provider = `arn:aws:iam::${accounts[run.account]}:oidc-provider/${githubIssuer}`;
  const token = { identity: webIdentity(provider, run.subject), caller: `web:${provider}/${run.subject}`, where };
  const session = assumeByToken(
    stage,
    random,
    { api: "AssumeRoleWithWebIdentity", ...token },
    roleOf(run.account, "Deploy"),
    {
      at: run.at,
      sessionName: `GitHubActions-${random.int(16_000_000_000, 19_000_000_000)}`,
      seconds: hour,
      origin: "pipeline",
      response: { provider, audience: "sts.amazonaws.com", subjectFromWebIdentityToken: run.subject },
      provider,
      more: { additionalEventData: { identityProviderConnectionVerificationMethod: "IAMTrustStore" } },
    },
  );
  if (session === null) return;
  toil({ stage, random }, session, "shipping", 18);
  const targets = run.account === "prodWeb" ? (["prodWeb", "prodData"] as const) : (["staging"] as const);
  const stack = assumeRole(stage, random, askerOf(session), roleOf(random.pick(targets), "StackRole"), {
    at: session.issued.createdAt + random.int(30, 400),
    sessionName: session.issued.name,
    seconds: hour,
    origin: "chain",
  });
  if (stack !== null) toil({ stage, random }, stack, "building", 16);
}

/** A branch that may not go to production tries: STS has read the request, so the record names role and session. */
function refusedPipeline(stage: Stage, random: Random, at: number): void {
  const role = roleOf("prodWeb", "Deploy");
  const provider = `arn:aws:iam::${accounts.prodWeb}:oidc-provider/${githubIssuer}`;
  const subject = `repo:northwharf/shop:ref:refs/heads/${random.pick(["basket-rewrite", "node-24"])}`;
  const asker: Asker = {
    account: "prodWeb",
    identity: webIdentity(provider, subject),
    name: `web:${provider}/${subject}`,
    principalId: awsId(random, "AIDA"),
    arn: subject,
    where: runner(random),
  };
  const message = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
  const refusal = { code: "AccessDenied", message, denied: true };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const sessionName = `GitHubActions-${random.int(16_000_000_000, 19_000_000_000)}`;
    const parameters = { roleArn: role.arn, roleSessionName: sessionName, durationSeconds: hour };
    refusedByApi(stage, asker, role.arn, at + attempt * 2 * minute, "AssumeRoleWithWebIdentity", refusal, parameters);
  }
}
