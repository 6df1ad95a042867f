import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { CreateBucketCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { build } from "esbuild";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Credentials, type FunctionName, type InputOf, invoke, type OutputOf } from "#/core/invoke.ts";
import { replyOf } from "#/core/invoke-answers.ts";
import { invokeLambda } from "#/core/invoke-lambda.ts";
import { type Entry, readLedger, shardsOf, verifyLedger } from "#/core/ledger.ts";
import { Fault, Refusal } from "#/core/refusal.ts";
import { openDynamoStore } from "#/core/store/dynamodb.ts";
import type { Store } from "#/core/store/index.ts";
import { handler as askHandler } from "#/functions/lambda/ask.ts";
import { handler as mint } from "#/functions/lambda/mint.ts";
import { handler as read } from "#/functions/lambda/read.ts";
import { handler as revoke } from "#/functions/lambda/revoke.ts";
import { handler as status } from "#/functions/lambda/status.ts";
import { handler as vault } from "#/functions/lambda/vault.ts";
import { openLambdaWorld } from "#/functions/lambda-world.ts";
import type { AwsServices } from "./aws-services.ts";
import { type Deployed, deploy } from "./deployed.ts";
import type { Northwharf, SignedIn } from "./northwharf.ts";

const analyst = "arn:aws:iam::111122223333:role/DataAnalyst";
const mintRequest = { role: analyst, seconds: 900, reason: "x" };
const transport = { lambda: "roletrail-test-" };

let it: Northwharf;
let services: AwsServices;
let stage: Deployed;
let store: Store;
let mara: SignedIn;
let ilse: SignedIn;

/** As web calls: core/invoke, AWS's own Lambda client, a Lambda as far as it carries JSON, the function's entry point. */
const ask = <Name extends FunctionName>(
  name: Name,
  input: InputOf<Name>,
  who: Credentials = {},
): Promise<OutputOf<Name>> => invoke(transport, name, input, who);

beforeAll(async () => {
  const crash = async (): Promise<never> => {
    throw new Error("secret-of-the-stack");
  };
  const lambdas = {
    status,
    vault,
    read,
    ask: askHandler,
    mint,
    revoke,
    crash,
    silent: async () => ({ nothing: "of ours" }),
  };
  stage = await deploy("roletrail-test-", lambdas, (input) => ask("vault", input));
  ({ it, services } = stage);
  store = openDynamoStore(stage.tables);
  mara = await it.signIn("Mara Oyelaran");
  ilse = await it.signIn("Ilse Brandt");
});
afterAll(async () => {
  await store.close();
  await stage.close();
});
beforeEach(() => {
  services.trouble = null;
});

async function ledger(): Promise<readonly Entry[]> {
  const shards = await shardsOf(store);
  return (await Promise.all(shards.map((shard) => readLedger(store, shard, 0, 10_000)))).flat();
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("a mint over Lambda", () => {
  test("hands out credentials that AWS takes, and the ledger has intent, signature and outcome in one chain", async () => {
    const made = await ask("mint", mintRequest, await mara.deed("mint", mintRequest));
    const { AccessKeyId, SecretAccessKey, SessionToken } = made.credentials;
    const sts = new STSClient({
      region: "eu-central-1",
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    });
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toContain("assumed-role/DataAnalyst/");
    const of = (await ledger()).filter(({ body }) => "mint_id" in body && body.mint_id === made.mint_id);
    expect(of.map(({ kind }) => kind)).toEqual(["mint.intended", "issuer.signed", "mint.handed-over"]);
    expect(new Set(of.map(({ shard }) => shard)).size).toBe(1);
    expect(of[0]?.shard).toMatch(/^mint-\d+$/);
  });

  test("needs a proof for this very request, once, of the one who is signed in", async () => {
    const { ticket } = mara;
    expect(await codeOf(ask("mint", mintRequest))).toBe("signin.required");
    expect(await codeOf(ask("mint", mintRequest, { ticket }))).toBe("proof.missing");
    const proof = await mara.deed("mint", mintRequest);
    expect(await codeOf(ask("mint", { ...mintRequest, seconds: 43_200 }, proof))).toBe("proof.request");
    expect(await codeOf(ask("mint", mintRequest, { ...proof, ticket: ilse.ticket }))).toBe("proof.nonce");
    expect(await codeOf(ask("mint", mintRequest, await mara.deed("revoke", mintRequest)))).toBe("proof.request");
    expect((await ask("mint", mintRequest, proof)).role).toBe(analyst);
    expect(await codeOf(ask("mint", mintRequest, proof))).toBe("proof.spent");
  });

  test("with a proof of another time, or a sign-in whose token has ended since, is refused, and the proof is not spent", async () => {
    const proofOf = (seconds: number) => mara.deed("mint", mintRequest, new Date(Date.now() + seconds * 1000));
    expect(await codeOf(ask("mint", mintRequest, await proofOf(-130)))).toBe("proof.stale");
    expect(await codeOf(ask("mint", mintRequest, await proofOf(130)))).toBe("proof.stale");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2 * 3_600_000 });
    try {
      const late = await mara.deed("mint", mintRequest, new Date());
      expect(await codeOf(ask("mint", mintRequest, late))).toBe("proof.stale");
      expect(await codeOf(ask("revoke", { role: analyst, reason: "x" }, late))).toBe("proof.stale");
      // Reading lasts as long as the session does.
      expect(await ask("read", { view: "me" }, { ticket: mara.ticket })).toMatchObject({ mints: true });
    } finally {
      vi.useRealTimers();
    }
  });

  test("with an expired sign-in, an added group or a made-up ticket is refused", async () => {
    const at = Math.floor(Date.now() / 1000);
    expect(await codeOf(it.signIn("Mara Oyelaran", { auth_time: at - 9 * 3600 }))).toBe("signin.expired");
    const tampered = await openNorthwharfToken("Teo Park", ["data"]);
    expect(await codeOf(ask("vault", tampered))).toBe("proof.token");
    const made_up = { sid: "x".repeat(24), key: "y".repeat(43) };
    expect(await codeOf(ask("mint", mintRequest, { ...(await mara.deed("mint", mintRequest)), ticket: made_up }))).toBe(
      "signin.expired",
    );
  });

  test("repeated under one Idempotency-Key answers the first one's id, never a second credential", async () => {
    const request = { ...mintRequest, role: "arn:aws:iam::111122223333:role/ReadOnly" };
    const once = { ...(await mara.deed("mint", request)), idempotency_key: "one" };
    const first = await ask("mint", request, once);
    const again = { ...(await mara.deed("mint", request)), idempotency_key: "one" };
    await expect(ask("mint", request, again)).rejects.toMatchObject({
      code: "request.repeated",
      first_id: first.mint_id,
    });
  });

  test("when KMS does not sign, asks AWS for nothing and records a failure", async () => {
    services.trouble = { name: "kms:Sign", status: 400, type: "KMSInvalidStateException" };
    const request = { ...mintRequest, role: "arn:aws:iam::111122223333:role/ReadOnly" };
    expect(await codeOf(ask("mint", request, await mara.deed("mint", request)))).toBe("sts.unreachable");
    expect((await ledger()).filter(({ kind }) => kind === "mint.failed").at(-1)?.body).toMatchObject({
      why: expect.stringContaining("not signed"),
    });
  });
});

/** A real sign-in's token with other groups written into it: its signature is the provider's, over something else. */
async function openNorthwharfToken(name: string, groups: readonly string[]): Promise<InputOf<"vault">> {
  let seen: InputOf<"vault"> | undefined;
  const put = it.signIn(name, {}, async (input) => {
    seen = input;
    throw new Error("kept back");
  });
  await put.catch(() => undefined);
  if (seen?.action !== "put") throw new Error("no sign-in was seen");
  const [head, body = "", signature] = seen.id_token.split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url").toString("utf8"));
  const added = Buffer.from(JSON.stringify({ ...claims, groups: [...claims.groups, ...groups] })).toString("base64url");
  return { ...seen, id_token: `${head}.${added}.${signature}` };
}

describe("reading and revoking over Lambda", () => {
  test("status is anybody's, without keys; no one-time link is asked for where no terminal is", async () => {
    expect(await ask("status", {})).toMatchObject({ world: "aws-999900001111", simulated: false, link: false });
  });

  test("views are the viewer's; who is not signed in reads nothing", async () => {
    expect(await codeOf(ask("read", { view: "me" }))).toBe("signin.required");
    expect(await ask("read", { view: "me" }, { ticket: mara.ticket })).toMatchObject({
      person: { name: "Mara Oyelaran" },
      powers: [{ power: "see-own", accounts: "*" }],
      mints: true,
    });
    expect(await codeOf(ask("read", { view: "nothing" }, { ticket: mara.ticket }))).toBe("not.found");
  });

  test("a revocation by who may is done and stops the next mint; by who may not, the role does not exist", async () => {
    const request = { role: analyst, reason: "x" };
    expect(await codeOf(ask("revoke", request, await mara.deed("revoke", request)))).toBe("role.unknown");
    const done = await ask("revoke", request, await ilse.deed("revoke", request));
    expect(done).toMatchObject({ asked_by_name: "Ilse Brandt", failure: null });
    expect(done.hits).toBeGreaterThan(0);
    expect(await codeOf(ask("mint", mintRequest, await mara.deed("mint", mintRequest)))).toBe("role.frozen");
  });

  test("after sign-out the ticket is worth nothing", async () => {
    const { ticket } = await it.signIn("Ana Ribeiro");
    await ask("vault", { action: "delete" }, { ticket });
    expect(await codeOf(ask("read", { view: "me" }, { ticket }))).toBe("signin.expired");
  });
});

describe("what crosses Lambda of trouble", () => {
  test("input that the table does not know is refused by the function itself", async () => {
    const reply = await invokeLambda("roletrail-test-mint", JSON.stringify({ input: { role: 1 }, power: "all" }));
    expect(reply).toMatchObject({ status: 400, body: { code: "request.invalid" } });
    const wrong = await invokeLambda("roletrail-test-mint", JSON.stringify({ input: { ...mintRequest, as: "root" } }));
    expect(wrong).toMatchObject({ status: 400, body: { code: "request.invalid" } });
    expect(await codeOf(invokeLambda("roletrail-test-mint", "x".repeat(1_048_577)))).toBe("request.too-large");
  });

  test("a function that dies, or answers something else, is a fault without a word of its stack", async () => {
    for (const name of ["crash", "silent"]) {
      const failed = invokeLambda(`roletrail-test-${name}`, "{}");
      await expect(failed).rejects.toBeInstanceOf(Fault);
      await expect(failed).rejects.not.toThrow(/secret-of-the-stack/);
    }
  });

  test("a Lambda that is turned away or in trouble says so, and the call is not repeated", async () => {
    for (const [status, type] of [
      [429, "TooManyRequestsException"],
      [500, "ServiceException"],
    ] as const) {
      services.trouble = { name: "lambda:roletrail-test-status", status, type };
      const before = services.calls.length;
      expect(await codeOf(ask("status", {}))).toBe("functions.down");
      expect(services.calls.length).toBe(before + 1);
    }
    services.trouble = { name: "lambda:", status: 403, type: "AccessDeniedException" };
    await expect(ask("status", {})).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("a function whose settings lack something has asked AWS for nothing when it refuses: no call is left that nobody waits for", async () => {
    const all = { withAccess: true, withKeys: true };
    const { ROLETRAIL_ACCESS_VERSION = "" } = process.env;
    const before = services.calls.length;
    process.env["ROLETRAIL_ACCESS_VERSION"] = "";
    expect(await codeOf(openLambdaWorld(all))).toBe("config.invalid");
    process.env["ROLETRAIL_ACCESS_VERSION"] = ROLETRAIL_ACCESS_VERSION;
    await openLambdaWorld(all);
    expect(services.calls.slice(before).map(({ name }) => name)).toEqual(["secretsmanager:GetSecretValue"]);
  });

  test("an answer over 4 MB leaves by a link that S3 itself checks, or is refused where there is no place for it", async () => {
    const key = JSON.parse(readFileSync(path.join(it.world.places.world, "admin-key.json"), "utf8"));
    const credentials = { accessKeyId: key.access_key_id, secretAccessKey: key.secret_access_key };
    const s3 = new S3Client({ region: key.region, credentials, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "roletrail-answers" }));
    const body = { rows: Array.from({ length: 50_000 }, (_, n) => ({ n, text: "é".repeat(40) })) };
    expect(await replyOf({ status: 200, body: { small: 1 } }, undefined)).toEqual({ status: 200, body: { small: 1 } });
    expect(await codeOf(replyOf({ status: 200, body }, undefined))).toBe("trail.too-big");
    const linked = await replyOf({ status: 200, body }, "s3://roletrail-answers/a/", s3);
    const { answer_url } = linked.body as { answer_url: string };
    expect(JSON.stringify(linked).length).toBeLessThan(4_000);
    expect(new URL(answer_url).searchParams.get("X-Amz-Expires")).toBe("60");
    expect(new URL(answer_url).pathname).toMatch(/^\/roletrail-answers\/a\/q_[0-9a-z]{26}\.json$/);
    expect(await (await fetch(answer_url)).json()).toEqual(body);
    expect((await fetch(answer_url.replace(/Signature=..../, "Signature=0000"))).status).toBe(403);
    const Key = new URL(answer_url).pathname.split("/").slice(2).join("/");
    const owner = (await s3.send(new GetObjectCommand({ Bucket: "roletrail-answers", Key }))).ContentLength;
    expect(owner).toBeGreaterThan(4 * 1024 * 1024);
  });
});

test("every signature of the issuer's key stands in the ledger beside its intent, and no other", async () => {
  const entries = await ledger();
  const signed = entries.flatMap((entry) => (entry.kind === "issuer.signed" ? [entry.body] : []));
  const ids = signed.map((body) => ("request_id" in body ? body.request_id : null));
  const asked = services.calls.filter(({ name }) => name === "kms:Sign").map(({ requestId }) => requestId);
  // One was refused by KMS and signed nothing.
  expect(asked.filter((id) => !ids.includes(id))).toHaveLength(1);
  expect(ids.every((id) => id !== null && asked.includes(id))).toBe(true);
  const intended = new Set(
    entries.flatMap(({ kind, body }) => (kind === "mint.intended" && "mint_id" in body ? [body.mint_id] : [])),
  );
  for (const body of signed) expect("mint_id" in body && intended.has(body.mint_id)).toBe(true);
});

test("after all of it the ledger verifies, and neither it nor the state holds a token, a name or a secret", async () => {
  expect((await verifyLedger(store)).faults).toEqual([]);
  expect(JSON.stringify(await ledger())).not.toMatch(/Oyelaran|Brandt|@northwharf|eyJ/);
  const vaultRow = JSON.stringify(await store.get("vault", mara.ticket.sid));
  expect(vaultRow).not.toContain(mara.ticket.key);
  expect(vaultRow).not.toContain("eyJ");
});

test("each function's bundle carries neither libsql nor DuckDB nor a part of the app", async () => {
  const root = path.resolve(import.meta.dirname, "../..");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: readdirSync(path.join(root, "functions/lambda")).map((file) => `functions/lambda/${file}`),
    outdir: "lambda",
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    packages: "external",
    loader: { ".sql": "text" },
    logLevel: "silent",
  });
  for (const { entryPoint, imports, inputs } of Object.values(metafile.outputs)) {
    const from = [...imports.map((each) => each.path), ...Object.keys(inputs)];
    expect(from, entryPoint).toContain("@aws-sdk/client-dynamodb");
    // A text for DuckDB may stand beside its twin for Athena; the engine may not.
    const code = from.filter((each) => !each.endsWith(".sql"));
    expect(code.filter((each) => /libsql|duckdb|^app\/|^next|^react/.test(each), entryPoint)).toEqual([]);
  }
});
