import { GetRolePolicyCommand, IAMClient, ListRolesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mint } from "#/core/mint/index.ts";
import type { Person } from "#/core/person.ts";
import { inlinePoliciesMax } from "#/core/policies.ts";
import { Refusal } from "#/core/refusal.ts";
import { lookAtRevoke, type Revoker, revocationOf, revocations, revoke } from "#/core/revoke.ts";
import type { RoleDoor } from "#/core/revoke-iam.ts";
import { resumeRevocations } from "#/core/revoke-resume.ts";
import type { Minted } from "#/core/wire.ts";
import { awsOfWorld, type Northwharf, openNorthwharf } from "../functions/northwharf.ts";

const analyst = "arn:aws:iam::111122223333:role/DataAnalyst";
const engineer = "arn:aws:iam::111122223333:role/DataEngineer";
let it: Northwharf;
let revoker: Revoker;
let mara: Person;
let ilse: Person;
/** Added to the clock of broker and sandbox alike. */
let ahead = 0;
beforeAll(async () => {
  it = await openNorthwharf({ now: () => new Date(Date.now() + ahead) });
  revoker = awsOfWorld(it.world).revoker;
  mara = it.person("Mara Oyelaran");
  ilse = it.person("Ilse Brandt");
});
afterAll(() => it.close());

const clientOf = ({ credentials: of }: Minted): IAMClient =>
  new IAMClient({
    endpoint: it.aws.url,
    region: "eu-central-1",
    maxAttempts: 1,
    systemClockOffset: ahead,
    credentials: { accessKeyId: of.AccessKeyId, secretAccessKey: of.SecretAccessKey, sessionToken: of.SessionToken },
  });
const callOf = async (made: Minted): Promise<string> => {
  try {
    await clientOf(made).send(new ListRolesCommand({}));
    return "ok";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
};
const minted = (role: string): Promise<Minted> =>
  mint(awsOfWorld(it.world).minter, mara, { role, seconds: 3600, reason: "x" });
const refusalOf = async (work: Promise<unknown>): Promise<Refusal> => {
  const error = await work.then(() => null).catch((thrown: unknown) => thrown);
  if (error instanceof Refusal) return error;
  throw error ?? new Error("it was not refused");
};
const inline = (role: string): Record<string, string> => {
  const [account, name] = [role.split(":")[4], role.split("/").at(-1)];
  return (
    it
      .state()
      .accounts.find(({ id }) => id === account)
      ?.roles.find((one) => one.name === name)?.inlinePolicies ?? {}
  );
};

describe("revoking a role", () => {
  test("the loop: a session dies, minting waits until cutoff + 1 s, the next session works", async () => {
    const before = await minted(analyst);
    const worksFirst = await callOf(before);
    const done = await revoke(revoker, ilse, { role: analyst, reason: "laptop lost" });
    expect(worksFirst).not.toContain("explicit deny");
    expect(await callOf(before)).toContain("with an explicit deny in an identity-based policy");
    const frozen = await refusalOf(minted(analyst));
    expect(frozen).toMatchObject({ code: "role.frozen", until: done.frozen_until.replace("Z", ".000Z") });
    ahead = Date.parse(done.frozen_until) - Date.now() + 1_000;
    const after = await minted(analyst);
    expect(await callOf(after)).toBe(worksFirst);
    expect(await callOf(before)).toContain("explicit deny");
  });

  test("what was written is the console's policy, beside the others, and it was read back", async () => {
    const others = { ...inline(engineer) };
    const done = await revoke(revoker, ilse, { role: engineer, reason: "drill" });
    expect(done.read_back_at).not.toBeNull();
    expect(done.failure).toBeNull();
    expect(Date.parse(done.cutoff) - Date.parse(done.asked_at)).toBeGreaterThanOrEqual(30_000);
    expect(Date.parse(done.cutoff) - Date.parse(done.asked_at)).toBeLessThan(31_000);
    const { AWSRevokeOlderSessions: written, ...rest } = inline(engineer);
    expect(JSON.parse(written ?? "")).toEqual(JSON.parse(done.policy));
    expect(rest).toEqual(others);
    expect(await revocationOf(it.world.store, done.revocation_id)).toEqual(done);
    const kinds = (await it.ledger()).filter(
      ({ body }) => "revocation_id" in body && body.revocation_id === done.revocation_id,
    );
    expect(kinds.map(({ kind }) => kind)).toEqual(["revocation.asked", "revocation.stored", "revocation.read-back"]);
  });

  test("pressed again it refreshes its own policy", async () => {
    const first = await revoke(revoker, ilse, { role: engineer, reason: "again" });
    ahead += 60_000;
    const second = await revoke(revoker, ilse, { role: engineer, reason: "and again" });
    expect(second.cutoff > first.cutoff).toBe(true);
    expect(JSON.parse(inline(engineer)["AWSRevokeOlderSessions"] ?? "")).toEqual(JSON.parse(second.policy));
  });

  test("a role under a path is found by its name and frozen for the mint, whatever ARN was written", async () => {
    const done = await revoke(revoker, ilse, { role: "arn:aws:iam::444455556666:role/ShopInstance", reason: "x" });
    expect(done.role).toBe("arn:aws:iam::444455556666:role/service-role/ShopInstance");
  });
});

describe("what is refused, with nothing written and nothing frozen", () => {
  const untouched = async (role: string): Promise<void> => {
    expect(Object.keys(inline(role))).not.toContain("AWSRevokeOlderSessions");
    expect((await it.ledger()).at(-1)?.kind).toBeDefined();
  };

  test("Identity Center's roles, with the SCP that works instead", async () => {
    const role =
      "arn:aws:iam::444455556666:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_ViewOnly_4be27d9013fa586c";
    const refused = await refusalOf(revoke(revoker, ilse, { role, reason: "x" }));
    expect(refused.code).toBe("role.identity-center");
    const scp = JSON.parse((refused.help ?? "").slice((refused.help ?? "").indexOf("{")));
    expect(scp.Statement[0]).toMatchObject({
      Effect: "Deny",
      Condition: { StringEquals: { "identitystore:UserId": expect.any(String) } },
    });
    await untouched(role);
  });

  test("service-linked roles, also written without their path", async () => {
    for (const role of [
      "arn:aws:iam::444455556666:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
      "arn:aws:iam::444455556666:role/AWSServiceRoleForAutoScaling",
    ]) {
      expect((await refusalOf(revoke(revoker, ilse, { role, reason: "x" }))).code).toBe("role.service-linked");
      await untouched(role);
    }
  });

  test("a role that does not exist, and an account nobody configured: in equal words", async () => {
    const [a, b] = ["arn:aws:iam::111122223333:role/Nope", "arn:aws:iam::123456789012:role/Nope"];
    const words = async (role: string) => {
      const { code, message } = await refusalOf(revoke(revoker, ilse, { role, reason: "x" }));
      return `${code} ${message.replace(role, "ROLE")}`;
    };
    expect(await words(a)).toBe(await words(b));
  });

  test("an account without a revoker role says who can", async () => {
    const refused = await refusalOf(
      revoke(revoker, ilse, { role: "arn:aws:iam::303040405050:role/PartnerExport", reason: "x" }),
    );
    expect(refused.code).toBe("account.none");
    expect(refused.help).toContain("AWS console");
  });

  test("Roletrail's own roles, which the revoker may not touch: failed, recorded, said", async () => {
    const refused = await refusalOf(
      revoke(revoker, ilse, { role: "arn:aws:iam::222233334444:role/RoletrailBroker", reason: "x" }),
    );
    expect(refused.code).toBe("revocation.failed");
    expect((await it.ledger()).filter(({ kind }) => kind === "revocation.failed")).toHaveLength(1);
  });
});

describe("head-room of the role's inline policies", () => {
  const role = "arn:aws:iam::111122223333:role/DbAdmin";
  const doorTo = async (): Promise<RoleDoor> => {
    const account = it.world.access().accounts.find(({ id }) => id === "111122223333");
    const door = account === undefined ? null : awsOfWorld(it.world).roleDoor(account);
    if (door === null) throw new Error("no door");
    return door;
  };
  const filled = (characters: number): string => {
    const empty =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::"}]}';
    return empty.replace(":::", `:::${"a".repeat(characters - empty.length)}`);
  };

  test("one character too many is refused before anything is frozen or written; one less fits", async () => {
    const look = await lookAtRevoke(revoker, role);
    const { used, adds } = look.room ?? { used: 0, adds: 0 };
    const door = await doorTo();
    await door.putInlinePolicy(role, "Filler", filled(inlinePoliciesMax - used - adds + 1));
    const refused = await refusalOf(revoke(revoker, ilse, { role, reason: "x" }));
    expect(refused.code).toBe("policy.too-large");
    expect(Object.keys(inline(role))).not.toContain("AWSRevokeOlderSessions");
    expect((await it.ledger()).at(-1)).toBeDefined();
    await door.putInlinePolicy(role, "Filler", filled(inlinePoliciesMax - used - adds));
    expect((await revoke(revoker, ilse, { role, reason: "x" })).read_back_at).not.toBeNull();
    await door.putInlinePolicy(role, "Filler", filled(200));
  });

  test("a policy of our name that says something else is never replaced", async () => {
    const door = await doorTo();
    const theirs = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}';
    await door.putInlinePolicy(role, "AWSRevokeOlderSessions", theirs);
    expect((await refusalOf(revoke(revoker, ilse, { role, reason: "x" }))).code).toBe("revocation.failed");
    expect(JSON.parse(inline(role)["AWSRevokeOlderSessions"] ?? "")).toEqual(JSON.parse(theirs));
  });
});

test("a policy that reads back otherwise is a failure, kept and said", async () => {
  const account = it.world.access().accounts.find(({ id }) => id === "777788889999");
  const door = account === undefined ? null : awsOfWorld(it.world).roleDoor(account);
  if (door === null) throw new Error("no door");
  const undone: RoleDoor = {
    role: (arn) => door.role(arn),
    inlinePolicies: (arn) => door.inlinePolicies(arn),
    inlinePolicy: async () => null,
    putInlinePolicy: (arn, name, document) => door.putInlinePolicy(arn, name, document),
  };
  const request = { role: "arn:aws:iam::777788889999:role/Operator", reason: "x" };
  const refused = await refusalOf(
    revoke({ ...revoker, wait: async () => undefined, roleDoor: () => undone }, ilse, request),
  );
  expect(refused.message).toContain("reading it back shows something else");
  const [entry] = (await it.ledger()).filter(({ kind }) => kind === "revocation.failed").slice(-1);
  const id = entry !== undefined && "revocation_id" in entry.body ? entry.body.revocation_id : "";
  expect(await revocationOf(it.world.store, id)).toMatchObject({ read_back_at: null, failure: refused.message });
});

test("the revoker's session may not write policies but through the account's own role", async () => {
  const direct = new IAMClient({
    endpoint: it.aws.url,
    region: "eu-central-1",
    maxAttempts: 1,
    systemClockOffset: ahead,
  });
  const put = new PutRolePolicyCommand({ RoleName: "DataAnalyst", PolicyName: "x", PolicyDocument: "{}" });
  await expect(direct.send(put)).rejects.toMatchObject({ name: expect.stringMatching(/AccessDenied|NoSuchEntity/) });
  await expect(
    direct.send(new GetRolePolicyCommand({ RoleName: "RoletrailRevoker", PolicyName: "Revoke" })),
  ).rejects.toThrow();
});

describe("a process killed in the middle of a revocation", () => {
  const role = "arn:aws:iam::111122223333:role/DataEngineer";
  const kill = (): never => {
    throw new Killed();
  };
  /** Stands for the end of the process: nothing after it runs, so nothing of it may be recorded. */
  class Killed extends Error {}
  const killedAt = async (at: "put" | "stored" | "read-back"): Promise<string> => {
    const { roleDoor } = revoker;
    const dying: Revoker = {
      ...revoker,
      roleDoor: (account) => {
        const door = roleDoor(account);
        if (door === null) return null;
        return {
          role: (arn) => door.role(arn),
          inlinePolicies: (arn) => door.inlinePolicies(arn),
          inlinePolicy: (arn, name) => (at === "read-back" ? kill() : door.inlinePolicy(arn, name)),
          putInlinePolicy: (...put) => (at === "put" ? kill() : door.putInlinePolicy(...put)),
        };
      },
      ledger: {
        ...revoker.ledger,
        append: (entry, beside) => {
          const dead = entry.kind === "revocation.failed" || (at === "stored" && entry.kind === "revocation.stored");
          return dead ? kill() : revoker.ledger.append(entry, beside);
        },
      },
    };
    await expect(revoke(dying, ilse, { role, reason: "x" })).rejects.toThrow();
    const [left] = await revocations(it.world.store, 1);
    expect(left).toMatchObject({ role, read_back_at: null, failure: null });
    return left?.revocation_id ?? "";
  };
  const kindsOf = async (id: string): Promise<string[]> =>
    (await it.ledger())
      .filter(({ body }) => "revocation_id" in body && body.revocation_id === id)
      .map(({ kind }) => kind);
  const whole = ["revocation.asked", "revocation.stored", "revocation.read-back"];

  test.each(["put", "stored", "read-back"] as const)(
    "at %s: it is taken up after two minutes, once, and done",
    async (at) => {
      const id = await killedAt(at);
      expect(await resumeRevocations(revoker)).toBe(0);
      ahead += 121_000;
      expect(await resumeRevocations(revoker)).toBe(1);
      expect(await revocationOf(it.world.store, id)).toMatchObject({
        stored_at: expect.any(String),
        read_back_at: expect.any(String),
        failure: null,
      });
      const { policy } = (await revocationOf(it.world.store, id)) ?? { policy: "" };
      expect(JSON.parse(inline(role)["AWSRevokeOlderSessions"] ?? "")).toEqual(JSON.parse(policy));
      expect(await kindsOf(id)).toEqual(whole);
      expect(await resumeRevocations(revoker)).toBe(0);
    },
  );

  test("a later revocation of the role stands: it is not overwritten by the older cutoff, and the older one says so", async () => {
    const id = await killedAt("put");
    ahead += 60_000;
    const later = await revoke(revoker, ilse, { role, reason: "again" });
    ahead += 121_000;
    await resumeRevocations(revoker);
    expect(JSON.parse(inline(role)["AWSRevokeOlderSessions"] ?? "")).toEqual(JSON.parse(later.policy));
    const { failure } = (await revocationOf(it.world.store, id)) ?? {};
    expect(failure).toContain("A later revocation of the role stands there");
    expect(await kindsOf(id)).toEqual(["revocation.asked", "revocation.failed"]);
  });

  test("a day later nothing is written any more, and it says that nothing was", async () => {
    const id = await killedAt("put");
    // Later than any other revocation of this role here, so that none stands in its way.
    const later = "2099-01-01T00:00:00Z";
    const left = await revocationOf(it.world.store, id);
    const asked_at = new Date(Date.now() + ahead - 86_500_000).toISOString();
    await it.world.store.put(
      { partition: "revocation", sort: id, value: { ...left, asked_at, cutoff: later } },
      { any: true },
    );
    await resumeRevocations(revoker);
    expect((await revocationOf(it.world.store, id))?.failure).toContain("nothing was written");
  });
});
