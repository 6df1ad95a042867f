import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { verifyLedger } from "#/core/ledger.ts";
import { freeze } from "#/core/mint/freeze.ts";
import { mint } from "#/core/mint/index.ts";
import type { Minter } from "#/core/mint/minter.ts";
import type { Person } from "#/core/person.ts";
import { Refusal } from "#/core/refusal.ts";
import type { MintRequest } from "#/core/wire.ts";
import { minterOf, type Northwharf, openNorthwharf } from "../../functions/northwharf.ts";

const analyst = "arn:aws:iam::111122223333:role/DataAnalyst";
const partner = "arn:aws:iam::303040405050:role/PartnerExport";
const readOnly = "arn:aws:iam::111122223333:role/ReadOnly";

let it: Northwharf;
let minter: Minter;
let mara: Person;
beforeAll(async () => {
  it = await openNorthwharf();
  mara = it.person("Mara Oyelaran");
});
afterAll(() => it.close());
beforeEach(() => {
  // Lease waits are real milliseconds otherwise.
  minter = minterOf(it.world);
});

const request = (more: Partial<MintRequest> = {}): MintRequest => ({
  role: analyst,
  seconds: 3600,
  reason: "a look at the lake",
  ...more,
});
async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("it was not refused");
}
const last = async () => (await it.ledger()).filter(({ shard }) => shard === "mint-1").at(-1);

describe("what is handed over", () => {
  test("by the road web-identity: credentials that AWS takes, named after the person, for the time asked", async () => {
    const made = await mint(minter, mara, request({ seconds: 43_200 }));
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = made.credentials;
    const client = new STSClient({
      endpoint: it.aws.url,
      region: "eu-central-1",
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    });
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(`arn:aws:sts::111122223333:assumed-role/DataAnalyst/mara.oyelaran.${mara.id.slice(2)}`);
    expect(Date.parse(Expiration) - Date.parse(made.issued_at)).toBe(43_200_000);
  });

  test("by the road assume-role: through the broker's role, with the external id of the contract", async () => {
    const made = await mint(minter, mara, request({ role: partner }));
    expect(made.session_name).toBe(`mara.oyelaran.${mara.id.slice(2)}`);
    expect(made.credentials.AccessKeyId).toMatch(/^ASIA/);
  });

  test("two at once for one person and role never share a second", async () => {
    const made = await Promise.all([mint(minter, mara, request()), mint(minter, mara, request())]);
    const seconds = made.map(({ issued_at }) => issued_at);
    expect(new Set(seconds).size).toBe(2);
  });

  test("the ledger has the intent before the outcome, both by id, and verifies", async () => {
    const { mint_id, credentials } = await mint(minter, mara, request({ role: readOnly }));
    const mine = (await it.ledger()).filter(({ body }) => "mint_id" in body && body.mint_id === mint_id);
    expect(mine.map(({ kind }) => kind)).toEqual(["mint.intended", "mint.handed-over"]);
    expect(mine[0]?.body).toMatchObject({ person_id: mara.id, tags: { RoletrailMint: mint_id }, road: "web-identity" });
    expect(mine[1]?.body).toMatchObject({ access_key_id: credentials.AccessKeyId });
    expect((await verifyLedger(it.world.store)).faults).toEqual([]);
  });
});

describe("what is refused before AWS is asked", () => {
  test("a role that does not exist, a role outside the grants and Roletrail's own roles: in equal words, but for the name", async () => {
    const ask = async (role: string) => {
      const { code, message, help } = await refusalOf(mint(minter, mara, request({ role })));
      return { code, message: message.replace(role, "ROLE"), help };
    };
    const absent = await ask("arn:aws:iam::111122223333:role/NoSuchRole");
    expect(absent.code).toBe("role.unknown");
    expect(await ask("arn:aws:iam::222233334444:role/IncidentResponse")).toEqual(absent);
    expect(await ask("arn:aws:iam::000000000000:role/Elsewhere")).toEqual(absent);
    expect(await ask("arn:aws:iam::222233334444:role/RoletrailBroker")).toEqual(absent);
  });

  test("Roletrail's own roles even when a grant names them", async () => {
    const broker = "arn:aws:iam::222233334444:role/RoletrailBroker";
    const access = it.world.access();
    const role = { arn: broker, road: "web-identity" as const, max_seconds: 3600, source_identity: true, tags: {} };
    const grant = { name: "wrong", groups: ["data"], people: [], roles: [broker], requires: [] };
    const wide = { ...access, roles: [...access.roles, role], grants: [...access.grants, grant] };
    const refused = await refusalOf(mint({ ...minter, access: () => wide }, mara, request({ role: broker })));
    expect(refused.code).toBe("role.unknown");
  });

  test.each([
    ["duration.too-short", { seconds: 899 }],
    ["duration.too-long", { seconds: 43_201 }],
    ["duration.too-long", { seconds: 3_601, role: partner }],
    ["reason.missing", { reason: "   " }],
    ["policy.invalid", { session_policy: "{not json" }],
    ["policy.invalid", { session_policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}' }],
    [
      "policy.too-large",
      {
        session_policy:
          `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"${"a".repeat(2000)}"}]}`.replace(
            '"aaa',
            '"arn:aws:s3:::aaa',
          ),
      },
    ],
  ] as const)("%s", async (code, more) => {
    expect((await refusalOf(mint(minter, mara, request(more)))).code).toBe(code);
    expect((await last())?.kind).toBe("refused");
  });

  test("groups the sign-in did not say, or not all of", async () => {
    for (const state of ["missing", "overage"] as const) {
      const refused = await refusalOf(mint(minter, { ...mara, groups_state: state }, request()));
      expect(refused.code).toBe(`groups.${state}`);
    }
  });

  test("the same Idempotency-Key again: 409 with the first one's id, for another person it is another key", async () => {
    const first = await mint(minter, mara, request({ role: readOnly }), { idempotency_key: "again" });
    const refused = await refusalOf(mint(minter, mara, request({ role: readOnly }), { idempotency_key: "again" }));
    expect(refused).toMatchObject({ code: "request.repeated", first_id: first.mint_id, status: 409 });
    const ana = it.person("Ana Ribeiro");
    expect((await mint(minter, ana, request({ role: readOnly }), { idempotency_key: "again" })).mint_id).not.toBe(
      first.mint_id,
    );
  });

  test("a role whose older sessions are being revoked, until the time it names", async () => {
    const engineer = "arn:aws:iam::111122223333:role/DataEngineer";
    const until = new Date(Date.now() + 3_000);
    await freeze(it.world.store, engineer, "v_test", until);
    const refused = await refusalOf(mint(minter, mara, request({ role: engineer })));
    expect(refused).toMatchObject({ code: "role.frozen", until: until.toISOString(), status: 409 });
  });
});

describe("what AWS or the clock decides", () => {
  test("a freeze that appears while STS answers: the credential is destroyed unseen and recorded withheld", async () => {
    const bea = it.person("Bea Novak");
    const road = minter.roads["web-identity"];
    const during: Minter = {
      ...minter,
      roads: {
        ...minter.roads,
        "web-identity": {
          cap: (terms) => road.cap(terms),
          call: async (clearance) => {
            const issued = await road.call(clearance);
            await freeze(it.world.store, analyst, "v_race", new Date(Date.now() + 500));
            return issued;
          },
        },
      },
    };
    const refused = await refusalOf(mint(during, bea, request()));
    expect(refused.code).toBe("mint.withheld");
    expect(await last()).toMatchObject({ kind: "mint.withheld", body: { why: "frozen by v_race" } });
    await minter.wait(600);
  });

  test("a call so slow that a whole freeze could have passed is withheld, too", async () => {
    const bea = it.person("Bea Novak");
    let skew = 0;
    const road = minter.roads["web-identity"];
    const slow: Minter = {
      ...minter,
      now: () => new Date(Date.now() + skew),
      roads: {
        ...minter.roads,
        "web-identity": {
          cap: (terms) => road.cap(terms),
          call: async (clearance) => {
            const issued = await road.call(clearance);
            skew = 25_000;
            return issued;
          },
        },
      },
    };
    expect((await refusalOf(mint(slow, bea, request({ role: readOnly })))).code).toBe("mint.withheld");
    expect((await last())?.kind).toBe("mint.withheld");
  });

  test("an outcome that cannot be recorded: nothing is handed over", async () => {
    const full: Minter = {
      ...minter,
      ledger: {
        append: (entry, beside) =>
          entry.kind === "mint.handed-over"
            ? Promise.reject(new Error("disk full"))
            : minter.ledger.append(entry, beside),
        appendAll: (entries) => minter.ledger.appendAll(entries),
      },
    };
    const cyrus = it.person("Cyrus Amini");
    await expect(mint(full, cyrus, request())).rejects.toThrow("disk full");
    expect((await last())?.kind).toBe("mint.intended");
  });

  test("a role that AWS does not know any more: refused with the trust statement to paste", async () => {
    const gone = "arn:aws:iam::111122223333:role/Gone";
    const access = it.world.access();
    const role = { arn: gone, road: "web-identity" as const, max_seconds: 3600, source_identity: true, tags: {} };
    const grant = { name: "gone", groups: ["data"], people: [], roles: [gone], requires: [] };
    const wide = { ...access, roles: [...access.roles, role], grants: [...access.grants, grant] };
    const refused = await refusalOf(mint({ ...minter, access: () => wide }, mara, request({ role: gone })));
    expect(refused.code).toBe("sts.refused");
    expect(refused.help).toContain('"issuer.roletrail.test:sub":"111122223333:Gone:*"');
    expect(await last()).toMatchObject({ kind: "mint.refused", body: { code: "sts.refused" } });
  });

  test("a role whose own maximum is lower than the access file says", async () => {
    const breakGlass = "arn:aws:iam::999900001111:role/BreakGlassAdmin";
    const access = it.world.access();
    const roles = access.roles.map((role) => (role.arn === breakGlass ? { ...role, max_seconds: 7200 } : role));
    const grants = access.grants.map((grant) =>
      grant.roles.includes(breakGlass) ? { ...grant, max_seconds: 7200 } : grant,
    );
    const refused = await refusalOf(
      mint(
        { ...minter, access: () => ({ ...access, roles, grants }) },
        mara,
        request({ role: breakGlass, seconds: 7200 }),
      ),
    );
    expect(refused).toMatchObject({ code: "duration.too-long" });
    expect(refused.message).toContain("The role itself lends less");
  });
});

test("no secret and no token is in the store, whatever happened above", async () => {
  const made = await mint(minter, mara, request({ role: readOnly }));
  const { readdirSync, readFileSync } = await import("node:fs");
  const { world: folder } = it.world.places;
  const files = readdirSync(folder).filter((name) => name.startsWith("store.db"));
  expect(files.length).toBeGreaterThan(0);
  const dump = files.map((name) => readFileSync(`${folder}/${name}`, "latin1")).join("");
  expect(dump).toContain(made.credentials.AccessKeyId);
  expect(dump).not.toContain(made.credentials.SecretAccessKey);
  expect(dump).not.toContain(made.credentials.SessionToken.slice(0, 40));
  expect(dump).not.toMatch(/eyJ[\w-]{20,}\.[\w-]{20,}/);
  expect(dump).not.toContain("AKIA");
});
