import { type AccountKey, memberKeys } from "./accounts.ts";
import { hour, isWeekend } from "./clock.ts";
import { type Chore, chores } from "./machine-actions.ts";
import { Random } from "./random.ts";
import { serviceIdentity, type Where } from "./shapes.ts";
import type { Living, Stage } from "./stage.ts";
import { type Asker, assumeRole, roleOf } from "./sts.ts";

/** A service that takes a role: how often a day, how long, and what it does with it. */
interface Worker {
  readonly account: AccountKey;
  readonly role: string;
  readonly service: string;
  readonly name: (random: Random) => string;
  readonly times: number;
  readonly seconds: number;
  readonly chores: readonly Chore[];
  /** Calls of one session and the seconds between two. */
  readonly calls: number;
  readonly pace: number;
  readonly hours?: readonly [number, number];
  readonly workdays?: boolean;
}

const task = (random: Random): string => random.hex(32);
const lambda = (name: string) => (): string => name;
const sdk =
  "aws-sdk-java/2.33.4 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1.141 lang/java#21.0.8 exec-env/AWS_ECS_FARGATE";

const workers: readonly Worker[] = [
  {
    account: "prodWeb",
    role: "CheckoutFunction",
    service: "lambda.amazonaws.com",
    name: lambda("checkout"),
    times: 9,
    seconds: 12 * hour,
    chores: ["secret", "decrypt", "logStream"],
    calls: 22,
    pace: 300,
  },
  {
    account: "prodWeb",
    role: "SearchIndexer",
    service: "ecs-tasks.amazonaws.com",
    name: task,
    times: 5,
    seconds: 6 * hour,
    chores: ["decrypt", "secret", "logStream"],
    calls: 34,
    pace: 220,
  },
  {
    account: "prodData",
    role: "FeatureBuilder",
    service: "ecs-tasks.amazonaws.com",
    name: task,
    times: 4,
    seconds: 6 * hour,
    chores: ["tables", "decrypt"],
    calls: 46,
    pace: 60,
    hours: [0, 6],
  },
  {
    account: "prodData",
    role: "GlueNightly",
    service: "glue.amazonaws.com",
    name: lambda("GlueJobRunnerSession"),
    times: 2,
    seconds: 6 * hour,
    chores: ["tables", "partitions", "dataKey"],
    calls: 130,
    pace: 25,
    hours: [1, 3],
  },
  {
    account: "prodData",
    role: "LakeLoader",
    service: "lambda.amazonaws.com",
    name: lambda("lake-loader"),
    times: 20,
    seconds: 12 * hour,
    chores: ["dataKey", "tables", "logStream"],
    calls: 20,
    pace: 130,
  },
  {
    account: "staging",
    role: "PreviewTask",
    service: "ecs-tasks.amazonaws.com",
    name: task,
    times: 6,
    seconds: 6 * hour,
    chores: ["secret", "logStream"],
    calls: 18,
    pace: 200,
    hours: [7, 17],
    workdays: true,
  },
  {
    account: "backup",
    role: "BackupRunner",
    service: "backup.amazonaws.com",
    name: (random) => `AWSBackup-${random.hex(12)}`,
    times: 3,
    seconds: hour,
    chores: ["backupJob", "dataKey"],
    calls: 38,
    pace: 20,
    hours: [2, 5],
  },
  {
    account: "security",
    role: "FindingsRouter",
    service: "lambda.amazonaws.com",
    name: lambda("findings-router"),
    times: 7,
    seconds: 12 * hour,
    chores: ["finding", "logStream"],
    calls: 12,
    pace: 90,
  },
  {
    account: "prodWeb",
    role: "AWSServiceRoleForAutoScaling",
    service: "autoscaling.amazonaws.com",
    name: lambda("AutoScaling"),
    times: 4,
    seconds: hour,
    chores: ["target", "inventory"],
    calls: 30,
    pace: 60,
  },
  {
    account: "prodWeb",
    role: "AWSServiceRoleForECS",
    service: "ecs.amazonaws.com",
    name: lambda("ecs-service-scheduler"),
    times: 6,
    seconds: hour,
    chores: ["target"],
    calls: 34,
    pace: 60,
  },
  {
    account: "prodData",
    role: "AWSServiceRoleForRDS",
    service: "rds.amazonaws.com",
    name: lambda("RDSClient"),
    times: 3,
    seconds: hour,
    chores: ["inventory"],
    calls: 14,
    pace: 120,
  },
  {
    account: "security",
    role: "AWSServiceRoleForAmazonGuardDuty",
    service: "guardduty.amazonaws.com",
    name: lambda("GuardDuty"),
    times: 2,
    seconds: hour,
    chores: ["inventory"],
    calls: 26,
    pace: 60,
  },
  ...memberKeys.map(
    (account): Worker => ({
      account,
      role: "AWSServiceRoleForConfig",
      service: "config.amazonaws.com",
      name: lambda("AWSConfig-Describe"),
      times: 3,
      seconds: hour,
      chores: ["inventory"],
      calls: 42,
      pace: 20,
    }),
  ),
];

/** One day of services taking their roles and working. */
export function machinesOn(stage: Stage, random: Random, midnight: number): void {
  for (const worker of workers) {
    if (worker.workdays === true && isWeekend(midnight)) continue;
    const [from, to] = worker.hours ?? [0, 24];
    for (let index = 0; index < worker.times; index += 1) {
      const at = midnight + Math.floor((from + ((index + random.unit()) * (to - from)) / worker.times) * hour);
      work(stage, random, worker, at);
    }
  }
  instancesOn(stage, random, midnight);
}

function work(stage: Stage, random: Random, worker: Worker, at: number): void {
  const role = roleOf(worker.account, worker.role);
  const linked = role.name.startsWith("AWSServiceRole");
  const session = byService(stage, random, worker.service, role, {
    at,
    name: worker.name(random),
    seconds: worker.seconds,
    where: linked ? { ip: worker.service, agent: worker.service } : { ip: `192.0.2.${random.int(2, 18)}`, agent: sdk },
  });
  if (session !== null) chore(stage, random, session, worker.chores, worker.calls, worker.pace);
}

export function chore(
  stage: Stage,
  random: Random,
  session: Living,
  kinds: readonly Chore[],
  calls: number,
  pace: number,
): void {
  let at = session.issued.createdAt + random.int(1, 9);
  for (let left = Math.max(1, Math.round(random.near(calls, calls / 6))); left > 0; left -= 1) {
    if (!stage.call(session, at, chores[random.pick(kinds)](random))) return;
    at += 1 + Math.floor(random.gap(pace));
  }
}

function byService(
  stage: Stage,
  random: Random,
  service: string,
  role: ReturnType<typeof roleOf>,
  asked: { readonly at: number; readonly name: string; readonly seconds: number; readonly where: Where },
): Living | null {
  const asker: Asker = {
    account: role.account,
    identity: serviceIdentity(service),
    name: `service:${service}`,
    principalId: service,
    arn: service,
    where: { ip: service, agent: service },
  };
  const session = assumeRole(stage, random, asker, role, {
    at: asked.at,
    sessionName: asked.name,
    seconds: asked.seconds,
    origin: "service",
  });
  return session === null ? null : { ...session, where: asked.where };
}

/** Six instances of the shop: a new session every six hours each, a sign of life every few minutes. */
function instancesOn(stage: Stage, random: Random, midnight: number): void {
  for (let number = 0; number < 6; number += 1) {
    const fixed = new Random("instance", number);
    const name = `i-${fixed.hex(17)}`;
    const where = { ip: `192.0.2.${3 + number}`, agent: "amazon-ssm-agent/3.3.2958.0" };
    const phase = fixed.int(0, 3 * hour);
    for (let quarter = 0; quarter < 4; quarter += 1) {
      const at = midnight + phase + quarter * 6 * hour;
      const role = roleOf("prodWeb", "ShopInstance");
      const session = byService(stage, random, "ec2.amazonaws.com", role, { at, name, seconds: 6 * hour, where });
      if (session === null) continue;
      chore(stage, random, session, ["agent", "agent", "agent", "decrypt", "secret"], 62, 330);
    }
  }
}
