import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { functions } from "#/core/invoke.ts";
import { readLedger, verifyLedger } from "#/core/ledger.ts";
import { Refusal } from "#/core/refusal.ts";
import { mint } from "#/functions/mint.ts";
import { read } from "#/functions/read.ts";
import { revoke } from "#/functions/revoke.ts";
import type { World } from "#/functions/world.ts";
import { type Northwharf, openNorthwharf, type SignedIn } from "./northwharf.ts";

const analyst = "arn:aws:iam::111122223333:role/DataAnalyst";
const mintRequest = { role: analyst, seconds: 900, reason: "x" };
let it: Northwharf;
let world: World;
let mara: SignedIn;
let ilse: SignedIn;
let teo: SignedIn;
beforeAll(async () => {
  it = await openNorthwharf();
  world = it.world;
  mara = await it.signIn("Mara Oyelaran");
  ilse = await it.signIn("Ilse Brandt");
  teo = await it.signIn("Teo Park");
});
afterAll(() => it.close());

async function refusalOf(
  work: Promise<unknown>,
): Promise<{ code: string; status: number; message: string; help: string | undefined }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refusal)
      return { code: error.code, status: error.status, message: error.message, help: error.help };
    throw error;
  }
  throw new Error("it was not refused");
}
const see = (who: SignedIn, view: string, params: Record<string, string> = {}) =>
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers as the JSON they are
  read(world, { ticket: who.ticket }, { view, params }) as Promise<any>;

describe("a mint", () => {
  test("needs a proof for this very request, once", async () => {
    expect((await refusalOf(mint(world, {}, mintRequest))).code).toBe("signin.required");
    expect((await refusalOf(mint(world, { ticket: mara.ticket }, mintRequest))).code).toBe("proof.missing");
    const proof = await mara.deed("mint", mintRequest);
    const longer = { ...mintRequest, seconds: 43_200 };
    expect((await refusalOf(mint(world, proof, longer))).code).toBe("proof.request");
    expect((await mint(world, proof, mintRequest)).role).toBe(analyst);
    expect((await refusalOf(mint(world, proof, mintRequest))).code).toBe("proof.spent");
  });

  test("that is refused has spent its proof; a replay is refused as one and writes nothing", async () => {
    const unknown = { ...mintRequest, role: "arn:aws:iam::111122223333:role/NotMine" };
    const proof = await mara.deed("mint", unknown);
    expect((await refusalOf(mint(world, proof, unknown))).code).toBe("role.unknown");
    const before = await readLedger(world.store, "mint-1", 0, 1_000);
    expect((await refusalOf(mint(world, proof, unknown))).code).toBe("proof.spent");
    expect(await readLedger(world.store, "mint-1", 0, 1_000)).toEqual(before);
  });

  test("asked twice at once by one proof is made once", async () => {
    const proof = await mara.deed("mint", mintRequest);
    const both = await Promise.allSettled([mint(world, proof, mintRequest), mint(world, proof, mintRequest)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("with a proof made for a revocation, or with another person's ticket, is refused", async () => {
    const wrong = await mara.deed("revoke", mintRequest);
    expect((await refusalOf(mint(world, wrong, mintRequest))).code).toBe("proof.request");
    const proof = await mara.deed("mint", mintRequest);
    expect((await refusalOf(mint(world, { ...proof, ticket: ilse.ticket }, mintRequest))).code).toBe("proof.nonce");
  });

  test("takes nothing from the request that says who, how it was approved, or under what name", () => {
    for (const extra of [
      { session_name: "root" },
      { approved_by: "p_x" },
      { source_identity: "x" },
      { tags: {} },
      { person: "x" },
    ]) {
      expect(functions.mint.input.safeParse({ ...mintRequest, ...extra }).success).toBe(false);
    }
  });

  test("a reason is text and stays as it was written", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it must arrive unexpanded
    const reason = "{0.__class__} ${process.env} {{7*7}} --help <b>";
    const request = { ...mintRequest, reason };
    const made = await mint(world, await mara.deed("mint", request), request);
    expect((await see(mara, "mint", { id: made.mint_id })).reason).toBe(reason);
  });

  test("group names are whole words: staff of non-data, DATA and datacenter get nothing of data's", async () => {
    const stranger = await it.signIn("Zoe Archer", { groups: ["non-data", "DATA", "data ", "datacenter"] });
    expect((await refusalOf(mint(world, await stranger.deed("mint", mintRequest), mintRequest))).code).toBe(
      "role.unknown",
    );
  });
});

describe("a revocation", () => {
  const request = { role: analyst, reason: "x" };

  test("by an engineer answers exactly as for a role that does not exist, and is in the ledger", async () => {
    const absent = { ...request, role: "arn:aws:iam::111122223333:role/NoSuchRole" };
    const words = async (who: SignedIn, input: typeof request) => {
      const refused = await refusalOf(revoke(world, await who.deed("revoke", input), input));
      return { ...refused, message: refused.message.replace(input.role, "ROLE") };
    };
    const known = await words(mara, request);
    expect(known).toMatchObject({ code: "role.unknown", status: 404 });
    expect(await words(mara, absent)).toEqual(known);
    expect(await words(teo, request)).toEqual(known);
    expect(await words(ilse, absent)).toEqual(known);
    const identityCenter = {
      ...request,
      role: "arn:aws:iam::111122223333:role/AWSReservedSSO_ViewOnly_9c05e1b7f2438ad6",
    };
    expect(await words(mara, identityCenter)).toEqual(known);
    expect(
      (await it.ledger()).filter(({ kind, body }) => kind === "refused" && "deed" in body && body.deed === "revoke")
        .length,
    ).toBeGreaterThanOrEqual(4);
  });

  test("a read permission is no revoke permission: who may see everything in an account may not end it", async () => {
    const vera = await it.signIn("Vera Antonova");
    expect((await see(vera, "revocations")).revocations).toEqual([]);
    expect((await refusalOf(revoke(world, await vera.deed("revoke", request), request))).code).toBe("role.unknown");
    expect((await refusalOf(see(vera, "revoke-preview", { account: "111122223333", name: "DataAnalyst" }))).code).toBe(
      "role.unknown",
    );
  });

  test("by the security analyst is done, with their name; it names the live sessions it hits", async () => {
    const before = await see(ilse, "revoke-preview", { account: "111122223333", name: "DataAnalyst" });
    expect(before.refusal).toBeNull();
    expect(before.hits.length).toBeGreaterThanOrEqual(2);
    expect(before.hits[0]).toMatchObject({ person_name: "Mara Oyelaran", origin: "broker" });
    expect(before.headroom.used + before.headroom.adds).toBeLessThan(before.headroom.max);
    const done = await revoke(world, await ilse.deed("revoke", request), request);
    expect(done).toMatchObject({ asked_by_name: "Ilse Brandt", hits: before.hits.length, failure: null });
    const { sessions, counts } = await see(ilse, "revocation", { id: done.revocation_id });
    expect(sessions).toHaveLength(before.hits.length);
    expect(counts).toMatchObject({ sessions: before.hits.length, bitten: 0, leaked: 0 });
    expect((await refusalOf(mint(world, await mara.deed("mint", mintRequest), mintRequest))).code).toBe("role.frozen");
  });

  test("is seen by who may see its account, and does not exist for others", async () => {
    const [line] = (await see(ilse, "revocations")).revocations;
    const id = line.revocation.revocation_id;
    expect((await see(await it.signIn("Ana Ribeiro"), "revocation", { id })).revocation.role).toBe(analyst);
    const hidden = await refusalOf(see(mara, "revocation", { id }));
    const absent = await refusalOf(see(mara, "revocation", { id: "v_none" }));
    expect({ ...hidden, message: hidden.message.replace(id, "ID") }).toEqual({
      ...absent,
      message: absent.message.replace("v_none", "ID"),
    });
  });
});

describe("a role of an account that no access file names", () => {
  const elsewhere = { account: "999988887777", name: "Vendor" };

  test("has its page for who sees the whole trail: its sessions are there", async () => {
    expect(await see(ilse, "role", elsewhere)).toMatchObject({
      arn: "arn:aws:iam::999988887777:role/Vendor",
      account_name: "999988887777",
      role: null,
      may_see: true,
      may_revoke: false,
    });
  });

  test("is for anybody else like one that does not exist", async () => {
    expect(await refusalOf(see(mara, "role", elsewhere))).toMatchObject({ code: "role.unknown", status: 404 });
  });
});

describe("what can be read", () => {
  const views = ["me", "roles", "role", "revoke-preview", "revocations", "revocation", "mint", "names"];

  test("without a sign-in: nothing, whichever view or function", async () => {
    for (const view of [...views, "nothing"]) {
      expect((await refusalOf(read(world, {}, { view, params: {} }))).code).toBe("signin.required");
    }
    const made_up = { sid: "x".repeat(24), key: "y".repeat(43) };
    for (const view of views)
      expect((await refusalOf(read(world, { ticket: made_up }, { view, params: {} }))).code).toBe("signin.expired");
  });

  test("one's own roles with the least of grant, role and road", async () => {
    const { roles } = await see(mara, "roles");
    const of = (name: string) => roles.find((role: { name: string }) => role.name === name);
    expect(of("DataAnalyst")).toMatchObject({ seconds_max: 43_200, road: "web-identity", requires: ["reason"] });
    expect(of("PartnerExport")).toMatchObject({ seconds_max: 3_600, road: "assume-role", external_id: true });
    expect(of("BreakGlassAdmin")).toMatchObject({ seconds_max: 3_600 });
    expect(of("IncidentResponse")).toBeUndefined();
  });

  test("a role's page: preflight for who may mint it, 404 for who may neither mint, see nor revoke", async () => {
    const page = await see(mara, "role", { account: "111122223333", name: "DataEngineer" });
    expect(page.checks.map(({ check, state }: { check: string; state: string }) => `${check} ${state}`)).toEqual([
      "grant will-work",
      "duration will-work",
      "frozen will-work",
      "maximum will-work",
      "sts:AssumeRoleWithWebIdentity will-work",
      "sts:TagSession will-work",
      "sts:SetSourceIdentity will-work",
    ]);
    expect(page).toMatchObject({ may_see: false, may_revoke: false, revocations: [] });
    const vendor = await see(mara, "role", { account: "303040405050", name: "PartnerExport" });
    expect(vendor.checks.at(-1)).toMatchObject({ check: "trust", state: "unknown" });
    const other = { account: "222233334444", name: "IncidentResponse" };
    const hidden = await refusalOf(see(mara, "role", other));
    const absent = await refusalOf(see(mara, "role", { ...other, name: "NoSuchRole" }));
    expect(hidden.code).toBe("role.unknown");
    expect({ ...hidden, message: hidden.message.replace("IncidentResponse", "X") }).toEqual({
      ...absent,
      message: absent.message.replace("NoSuchRole", "X"),
    });
  });

  test("another person's mint: to who may see the account, and the look is in the ledger once", async () => {
    const request = { ...mintRequest, role: "arn:aws:iam::111122223333:role/ReadOnly" };
    const { mint_id } = await mint(world, await mara.deed("mint", request), request);
    expect((await see(mara, "mint", { id: mint_id })).person_name).toBe("Mara Oyelaran");
    expect((await refusalOf(see(teo, "mint", { id: mint_id }))).code).toBe("session.unknown");
    await see(ilse, "mint", { id: mint_id });
    await see(ilse, "mint", { id: mint_id });
    const looks = (await it.ledger()).filter(({ body }) => "at" in body && body.at === mint_id);
    expect(looks.map(({ body }) => body)).toEqual([
      { person_id: ilse.person.id, view: "mint", at: mint_id, of_person_id: mara.person.id },
    ]);
  });

  test("names of other people only by who may see others", async () => {
    const ids = [mara.person.id, ilse.person.id, "111122223333"].join(",");
    expect((await see(ilse, "names", { ids })).names).toEqual({
      [mara.person.id]: "Mara Oyelaran",
      [ilse.person.id]: "Ilse Brandt",
      "111122223333": "prod-data",
    });
    expect(Object.keys((await see(mara, "names", { ids })).names)).toEqual([mara.person.id, "111122223333"]);
  });

  test("me: powers as the file gives them, and only accounts one has to do with", async () => {
    const me = await see(mara, "me");
    expect(me.powers).toEqual([{ power: "see-own", accounts: "*" }]);
    expect(me.accounts.map(({ name }: { name: string }) => name)).not.toContain("backup");
    expect((await see(ilse, "me")).accounts).toHaveLength(8);
  });

  test("parameters that a view does not know are refused", async () => {
    expect((await refusalOf(see(mara, "role", { account: "x", name: "y" }))).code).toBe("request.invalid");
    expect((await refusalOf(see(mara, "me", { as: ilse.person.id }))).code).toBe("request.invalid");
  });
});

test("logs without an account: mint and revoke say so", async () => {
  const logs: World = { ...world, aws: null };
  expect((await refusalOf(mint(logs, await mara.deed("mint", mintRequest), mintRequest))).code).toBe("account.none");
});

test("after all of it the ledger verifies, and holds no name, e-mail or token", async () => {
  expect((await verifyLedger(world.store)).faults).toEqual([]);
  const text = JSON.stringify(await it.ledger());
  expect(text).not.toMatch(/Oyelaran|Brandt|@northwharf|eyJ/);
});
