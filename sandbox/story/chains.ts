import { externalIds, memberKeys } from "./accounts.ts";
import type { CastMember } from "./cast.ts";
import { minute } from "./clock.ts";
import type { Fields } from "./shapes.ts";
import type { Living } from "./stage.ts";
import { askerOf, assumeRole, refuseAssume, roleOf } from "./sts.ts";
import { type Cues, toil } from "./toil.ts";

type Onward = (cues: Cues, session: Living) => void;

/** What people do with a role once they are in it, and how often: take the next one. */
const onward: Readonly<Record<string, { readonly often: number; readonly go: Onward }>> = {
  "prodWeb/Operator": { often: 0.45, go: toDatabases },
  "prodWeb/Deploy": { often: 1, go: toStacks },
  "security/SecurityAudit": { often: 0.6, go: toMembers },
  "prodData/DataAnalyst": { often: 0.03, go: toPartner },
  "playground/Developer": { often: 0.25, go: toExperiment },
  "prodWeb/ReadOnly": { often: 0.03, go: overTheFence },
};

export function chains(cues: Cues, person: CastMember, session: Living): void {
  const { random } = cues;
  const { account, name } = session.issued.role;
  const habit = onward[`${account}/${name}`];
  if (habit !== undefined && random.chance(habit.often)) habit.go(cues, session);
  if (person.groups.includes("contractors") && random.chance(0.5)) probe(cues, session);
}

/** A look-around role tries the databases: its policy never said it may. */
function overTheFence({ stage, random }: Cues, session: Living): void {
  const why = " because no identity-based policy allows the sts:AssumeRole action";
  const role = roleOf("prodData", random.pick(["DbAdmin", "DataAnalyst"]));
  refuseAssume(stage, askerOf(session), role.arn, session.issued.createdAt + random.int(60, 1200), why);
}

export function next(
  { stage, random }: Pick<Cues, "stage" | "random">,
  session: Living,
  role: ReturnType<typeof roleOf>,
  after: number,
  parameters: Fields = {},
): Living | null {
  const at = session.issued.createdAt + after;
  if (at >= session.issued.createdAt + session.issued.seconds - minute) return null;
  return assumeRole(stage, random, askerOf(session), role, {
    at,
    sessionName: session.issued.name,
    seconds: 3600,
    origin: "chain",
    parameters,
  });
}

function toDatabases(cues: Cues, session: Living): void {
  const { random } = cues;
  const admin = next(cues, session, roleOf("prodData", "DbAdmin"), random.int(120, 2400));
  if (admin === null) return;
  toil(cues, admin, "databases", 12);
  if (random.chance(0.4)) toVault(cues, admin);
}

/** The restore exercise: the third role, and the fourth. */
export function toVault(cues: Cues, admin: Living): void {
  const { random } = cues;
  const vault = next(cues, admin, roleOf("backup", "BackupVault"), random.int(90, 900));
  if (vault === null) return;
  toil(cues, vault, "restoring", 8);
  if (!random.chance(0.75)) return;
  const check = next(cues, vault, roleOf("backup", "RestoreCheck"), random.int(120, 1200));
  if (check !== null) toil(cues, check, "restoring", 10);
}

function toStacks(cues: Cues, session: Living): void {
  const { random } = cues;
  for (const account of random.pick([["prodWeb"], ["staging", "prodWeb"], ["prodData"]] as const)) {
    const stack = next(cues, session, roleOf(account, "StackRole"), random.int(40, 900));
    if (stack !== null) toil(cues, stack, "building", 20);
  }
}

function toMembers(cues: Cues, session: Living): void {
  const { random } = cues;
  const some = random.chance(0.5) ? memberKeys : [random.pick(memberKeys)];
  some.forEach((account, index) => {
    const member = next(cues, session, roleOf(account, "MemberAudit"), 60 + index * random.int(20, 60));
    if (member !== null) toil(cues, member, "auditing", 9);
  });
}

function toPartner(cues: Cues, session: Living): void {
  const parameters = { externalId: externalIds.partnerExport };
  next(cues, session, roleOf("vendor", "PartnerExport"), cues.random.int(300, 3000), parameters);
}

/** A role that takes itself: harmless here, and a cycle all the same. */
function toExperiment(cues: Cues, session: Living): void {
  const { random } = cues;
  let last: Living | null = next(cues, session, roleOf("playground", "Experiment"), random.int(60, 600));
  for (let round = 0; last !== null && round < 3 && last.hops < 4; round += 1) {
    toil(cues, last, "playing", 4);
    last = random.chance(0.6) ? next(cues, last, roleOf("playground", "Experiment"), random.int(30, 300)) : null;
  }
}

/** The pen-tester tries doors; a service control policy holds them all. */
function probe({ stage, random }: Cues, session: Living): void {
  const doors = ["DbAdmin", "DataAnalyst", "BackupVault", "BreakGlassAdmin", "Deploy", "Operator"] as const;
  const keys = {
    DbAdmin: "prodData",
    DataAnalyst: "prodData",
    BackupVault: "backup",
    BreakGlassAdmin: "orgRoot",
    Deploy: "prodWeb",
    Operator: "prodWeb",
  } as const;
  let at = session.issued.createdAt + random.int(200, 4000);
  for (let left = random.int(2, 6); left > 0; left -= 1) {
    const door = random.pick(doors);
    refuseAssume(
      stage,
      askerOf(session),
      roleOf(keys[door], door).arn,
      at,
      " with an explicit deny in a service control policy",
    );
    at += random.int(2, 20);
  }
}
