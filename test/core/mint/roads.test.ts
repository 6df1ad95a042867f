import http from "node:http";
import type { AddressInfo } from "node:net";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allow } from "#/core/access.ts";
import { passChecks } from "#/core/mint/checks.ts";
import { closeUnknown } from "#/core/mint/close.ts";
import { mint } from "#/core/mint/index.ts";
import type { Minter } from "#/core/mint/minter.ts";
import { openMints } from "#/core/mint/rows.ts";
import { openSts } from "#/core/mint/sts.ts";
import { claimsOf, webIdentity } from "#/core/mint/web-identity.ts";
import type { Person } from "#/core/person.ts";
import { Refusal } from "#/core/refusal.ts";
import { Secret } from "#/core/secret.ts";
import type { Trail } from "#/core/trail.ts";
import { awsOfWorld, minterOf, type Northwharf, openNorthwharf } from "../../functions/northwharf.ts";

const analyst = "arn:aws:iam::111122223333:role/DataAnalyst";
const engineer = "arn:aws:iam::111122223333:role/DataEngineer";
let it: Northwharf;
let minter: Minter;
let mara: Person;
beforeAll(async () => {
  it = await openNorthwharf({
    // One role whose trust asks for the audience only, as many tutorials write it.
    edit: (state) => {
      const role = state.accounts
        .find(({ id }) => id === "111122223333")
        ?.roles.find(({ name }) => name === "ReadOnly");
      if (role === undefined) throw new Error("no role");
      role.trustPolicy = JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Federated: "arn:aws:iam::111122223333:oidc-provider/issuer.roletrail.test" },
            Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"],
            Condition: { StringEquals: { "issuer.roletrail.test:aud": "sts.amazonaws.com" } },
          },
        ],
      });
    },
  });
  minter = minterOf(it.world);
  mara = it.person("Mara Oyelaran");
});
afterAll(() => it.close());

const request = { role: analyst, seconds: 3600, reason: "x" };
async function tokenFor(role: string): Promise<string> {
  const asked = { ...request, role };
  const access = it.world.access();
  const allowance = allow(access, mara, asked);
  const clearance = await passChecks(minter, { access, allowance, request: asked }, "m_01test");
  const issuer = await awsOfWorld(it.world).issuer();
  return issuer.sign(claimsOf(clearance, new Date()));
}
const presented = (token: string, role: string) =>
  new STSClient({ endpoint: it.aws.url, region: "eu-central-1", maxAttempts: 1 }).send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn: role, RoleSessionName: "somebody", WebIdentityToken: token }),
  );

describe("the token of the road web-identity", () => {
  test("lives 60 seconds, is for STS alone, and names account, role, person and mint without a name or e-mail", async () => {
    const token = await tokenFor(analyst);
    const claims = decodeJwt(token);
    expect(decodeProtectedHeader(token).alg).toBe("ES256");
    expect(claims).toMatchObject({
      iss: "https://issuer.roletrail.test",
      aud: "sts.amazonaws.com",
      sub: `111122223333:DataAnalyst:${mara.id}`,
      jti: "m_01test",
      "https://aws.amazon.com/source_identity": mara.id,
      "https://aws.amazon.com/tags": {
        principal_tags: { RoletrailMint: ["m_01test"], team: ["data"] },
        transitive_tag_keys: ["RoletrailMint"],
      },
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(60);
    expect(JSON.stringify(claims)).not.toMatch(/mara|oyelaran|northwharf/i);
  });

  test("made for role A it is refused at role B under the shipped trust policy", async () => {
    const token = await tokenFor(analyst);
    await expect(presented(token, engineer)).rejects.toMatchObject({ name: "AccessDenied" });
    expect((await presented(token, analyst)).Credentials?.AccessKeyId).toMatch(/^ASIA/);
  });

  test("and it would pass at role B if that trusted the audience alone", async () => {
    const token = await tokenFor(analyst);
    const open = await presented(token, "arn:aws:iam::111122223333:role/ReadOnly");
    expect(open.Credentials?.AccessKeyId).toMatch(/^ASIA/);
  });
});

/** STS played by a plain server: `act` gets the request, and may never answer. */
async function playedSts(
  act: (response: http.ServerResponse) => void,
): Promise<{ minter: Minter; calls: () => number; close: () => void }> {
  let calls = 0;
  const server = http.createServer((incoming, response) => {
    calls += 1;
    incoming.resume();
    act(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { minter: at(`http://127.0.0.1:${port}`), calls: () => calls, close: () => void server.closeAllConnections() };
}
function at(url: string): Minter {
  const road = webIdentity(openSts(minter.now, url), awsOfWorld(it.world).issuer, {
    now: minter.now,
    publication: null,
  });
  return { ...minter, roads: { ...minter.roads, "web-identity": road } };
}
const error = (status: number, code: string, message: string) => (response: http.ServerResponse) =>
  void response
    .writeHead(status, { "content-type": "text/xml" })
    .end(
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    );
async function ended(work: Promise<unknown>): Promise<{ refusal: Refusal; kind: string | undefined }> {
  try {
    await work;
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return { refusal: thrown, kind: (await it.ledger()).filter(({ shard }) => shard === "mint-1").at(-1)?.kind };
  }
  throw new Error("it was not refused");
}
let people = 0;
/** Somebody else each time: no waiting for leases. */
const someone = (): Person => {
  const names = [
    "Bea Novak",
    "Cyrus Amini",
    "Daria Petrova",
    "Emeka Nwosu",
    "Gita Sharma",
    "Hugo Lambert",
    "Jia Wen",
    "Kofi Mensah",
    "Lena Vogel",
    "Milan Kovac",
    "Nadia Rahimi",
    "Ana Ribeiro",
  ];
  people += 1;
  return it.person(names[people % names.length] ?? "");
};

describe("what STS's answers mean", () => {
  test.each([
    ["Throttling", 400, "Rate exceeded", "mint.busy"],
    ["PackedPolicyTooLarge", 400, "Packed size of session tags consumes 118% of allotted space.", "policy.too-large"],
    ["MalformedPolicyDocument", 400, "Syntax errors in policy.", "policy.invalid"],
    [
      "ValidationError",
      400,
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      "duration.too-long",
    ],
    [
      "ValidationError",
      400,
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
      "duration.too-long",
    ],
    ["AccessDenied", 403, "User: x is not authorized to perform: sts:TagSession on resource: y", "sts.refused"],
    [
      "InvalidIdentityToken",
      400,
      "No OpenIDConnect provider found in your account for https://issuer.roletrail.test",
      "sts.refused",
    ],
    ["RegionDisabledException", 403, "STS is not activated in this region", "sts.refused"],
    ["SomethingNew", 400, "Never seen before", "sts.refused"],
  ] as const)("%s (%i, %s) is recorded refused, and said as %s", async (code, status, message, wanted) => {
    const played = await playedSts(error(status, code, message));
    const { refusal, kind } = await ended(mint(played.minter, someone(), request));
    expect({ code: refusal.code, kind }).toEqual({ code: wanted, kind: "mint.refused" });
    expect(played.calls()).toBe(1);
    played.close();
  });

  test("a trust policy without sts:TagSession: the help holds the statements to paste", async () => {
    const played = await playedSts(
      error(403, "AccessDenied", "not authorized to perform: sts:TagSession on resource: y"),
    );
    const { refusal } = await ended(mint(played.minter, someone(), request));
    expect(refusal.message).toBe("The role's trust policy does not allow sts:TagSession.");
    const [taken, person] = JSON.parse(`[${(refusal.help ?? "").slice((refusal.help ?? "").indexOf("{"))}]`);
    expect(taken.Action).toContain("sts:TagSession");
    expect(taken.Condition["ForAllValues:StringEquals"]["aws:TagKeys"]).toEqual(["team", "RoletrailMint"]);
    expect(person.Action).toBe("sts:SetSourceIdentity");
    played.close();
  });

  test("keys that AWS could not fetch: asked again, for nothing was made", async () => {
    const played = await playedSts(error(400, "IDPCommunicationError", "Could not reach the provider"));
    const { refusal, kind } = await ended(mint(played.minter, someone(), request));
    expect({ code: refusal.code, kind, calls: played.calls() }).toEqual({
      code: "sts.unreachable",
      kind: "mint.refused",
      calls: 3,
    });
    played.close();
  });

  test("nobody listens: recorded failed, for no request was sent", async () => {
    const { refusal, kind } = await ended(mint(at("http://127.0.0.1:9"), someone(), request));
    expect({ code: refusal.code, kind }).toEqual({ code: "sts.unreachable", kind: "mint.failed" });
  });

  test.each([
    {
      name: "the connection breaks after the request",
      act: (response: http.ServerResponse) => void response.destroy(),
    },
    { name: "STS breaks inside", act: error(500, "InternalFailure", "oops") },
    { name: "the answer is no XML", act: (response: http.ServerResponse) => void response.writeHead(200).end("hello") },
  ])("$name: recorded unknown, asked once, nothing handed over", async ({ act }) => {
    const played = await playedSts(act);
    const { refusal, kind } = await ended(mint(played.minter, someone(), request));
    expect({ code: refusal.code, kind, calls: played.calls() }).toEqual({
      code: "sts.unreachable",
      kind: "mint.unknown",
      calls: 1,
    });
    played.close();
  });
});

describe("a mint without an outcome", () => {
  const later = () => new Date(Date.now() + 3_600_000);
  const trailWith = (mintId: string | null, completeUpTo: string | null): Trail => ({
    completeUpTo: async () => completeUpTo,
    callsAfter: async () => [],
    liveSessionsOf: async () =>
      mintId === null
        ? []
        : [
            {
              session_id: "s_x",
              access_key_id: "ASIASEENINTRAIL",
              origin: "broker",
              caller: "x",
              session_name: "x",
              source_identity: null,
              mint_id: mintId,
              issued_at: "2026-11-21T10:00:00Z",
              expires_at: "2026-11-21T11:00:00Z",
              last_call_at: null,
              calls: 0,
              parent_session_id: null,
            },
          ],
  });
  const unknownMint = async (): Promise<string> => {
    const played = await playedSts((response) => void response.destroy());
    await ended(mint(played.minter, someone(), request));
    played.close();
    const body = (await it.ledger()).filter(({ kind }) => kind === "mint.unknown").at(-1)?.body;
    return body !== undefined && "mint_id" in body ? body.mint_id : "";
  };
  const close = async (trail: Trail) => {
    const mints = openMints(it.world.store);
    await closeUnknown({ mints, ledger: minter.ledger, trail, now: later });
    await mints.refresh();
    return mints;
  };

  test("stays unknown while the trail is not complete past it", async () => {
    const id = await unknownMint();
    expect((await close(trailWith(null, new Date().toISOString()))).get(id)?.outcome).toBe("unknown");
  });

  test("is closed as withheld when the trail has its session: a key nobody ever held", async () => {
    const id = await unknownMint();
    const row = (await close(trailWith(id, null))).get(id);
    expect(row).toMatchObject({ outcome: "withheld", access_key_id: "ASIASEENINTRAIL" });
  });

  test("is closed as failed when the trail is complete and has none", async () => {
    const id = await unknownMint();
    expect((await close(trailWith(null, later().toISOString()))).get(id)?.outcome).toBe("failed");
  });
});

test("credentials never print themselves", async () => {
  const { inspect } = await import("node:util");
  const secret = new Secret("SECRETSECRET");
  expect(`${secret} ${JSON.stringify({ secret })} ${inspect({ secret })}`).not.toContain("SECRETSECRET");
});
