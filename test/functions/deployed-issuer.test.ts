import { generateKeyPairSync } from "node:crypto";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { invoke } from "#/core/invoke.ts";
import { readLedger, shardsOf } from "#/core/ledger.ts";
import { publishedKeyOf } from "#/core/mint/issuer-documents.ts";
import { openKmsIssuer } from "#/core/mint/issuer-kms.ts";
import { openDynamoStore } from "#/core/store/dynamodb.ts";
import type { Store } from "#/core/store/index.ts";
import { handler as vault } from "#/functions/lambda/vault.ts";
import { type Deployed, deploy } from "./deployed.ts";
import type { SignedIn } from "./northwharf.ts";

/**
 * A change of the issuer's keys as the runbook has it (docs/runbook.md, "Key rotation"): `first` → `first,second` →
 * `second,first` → `second`, each a deployment, so each time new instances of mint and sweep.
 */
const prefix = "roletrail-test-";
const issuer = "https://issuer.roletrail.test";
const analyst = "arn:aws:iam::111122223333:role/DataAnalyst";
const wanted = { role: analyst, seconds: 900, reason: "x" };

let stage: Deployed;
let store: Store;
let mara: SignedIn;
type Entry = (event: unknown, context?: unknown) => Promise<unknown>;
let instances: { readonly mint: Entry; readonly sweep: () => Promise<null> };

/** A deployment told these keys, the signing one first: instances that know nothing of those before. */
async function deployWith(...keys: readonly string[]): Promise<void> {
  process.env["ROLETRAIL_ISSUER_KEY"] = keys.join(",");
  vi.resetModules();
  const [{ handler: mint }, { handler: sweep }] = await Promise.all([
    import("#/functions/lambda/mint.ts"),
    import("#/functions/lambda/sweep.ts"),
  ]);
  instances = { mint, sweep };
}

/** A mint over Lambda; answers the id of the key that signed for it, as the ledger has it. */
async function mintedBy(): Promise<string> {
  const { mint_id } = await invoke({ lambda: prefix }, "mint", wanted, await mara.deed("mint", wanted));
  const entries = await Promise.all((await shardsOf(store)).map((shard) => readLedger(store, shard, 0, 10_000)));
  const kids = entries
    .flat()
    .flatMap(({ body }) => ("kid" in body && "mint_id" in body && body.mint_id === mint_id ? [body.kid] : []));
  return kids.join();
}

/** A token that this key signed just now, for whoever has it to show STS. */
async function tokenOf(key: string, jti: string): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const kms = await openKmsIssuer(issuer, { key, ledger: stage.it.world.ledger("mint") });
  return kms.sign({
    ...{ aud: "sts.amazonaws.com", sub: "111122223333:DataAnalyst:p_x", iat, exp: iat + 60, jti },
    "https://aws.amazon.com/tags": {
      principal_tags: { RoletrailMint: [jti], team: ["data"] },
      transitive_tag_keys: ["RoletrailMint"],
    },
    "https://aws.amazon.com/source_identity": "p_aaaaaaaaaaaaaaaa",
  });
}

const taken = (WebIdentityToken: string) =>
  new STSClient({ region: "eu-central-1", maxAttempts: 1 }).send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn: analyst, RoleSessionName: "xx", WebIdentityToken }),
  );

beforeAll(async () => {
  const mint: Entry = (event, context) => instances.mint(event, context);
  stage = await deploy(prefix, { vault, mint }, (input) => invoke({ lambda: prefix }, "vault", input));
  store = openDynamoStore(stage.tables);
  // The issuer's host is not on this machine's network: its files are where STS reads them.
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) =>
    url.startsWith(issuer) ? stage.published(url) : realFetch(url, init),
  );
  mara = await stage.it.signIn("Mara Oyelaran");
});
const realFetch = fetch;
afterAll(async () => {
  vi.unstubAllGlobals();
  await store.close();
  await stage.close();
});

describe("a change of the issuer's keys", () => {
  const kidOf = async (publicKey: Buffer): Promise<string> => (await publishedKeyOf(publicKey)).kid;

  test("has both published while either signs; tokens of the old key hold until it is published no more", async () => {
    const { services, publish } = stage;
    const { keyArn: first, publicKey: one, second } = services;
    const [kidOne, kidTwo] = [await kidOf(one), await kidOf(second.publicKey)];
    expect(kidOne).not.toBe(kidTwo);

    await deployWith(first);
    expect(await mintedBy()).toBe(kidOne);
    await expect(instances.sweep()).resolves.toBeNull();

    await publish([one, second.publicKey]);
    await deployWith(first, second.keyArn);
    expect(await mintedBy()).toBe(kidOne);
    await expect(instances.sweep()).resolves.toBeNull();

    const old = await tokenOf(first, "m_old");
    await deployWith(second.keyArn, first);
    expect(await mintedBy()).toBe(kidTwo);
    expect((await taken(old)).AssumedRoleUser?.Arn).toContain("assumed-role/DataAnalyst/xx");
    await expect(instances.sweep()).resolves.toBeNull();

    await publish([second.publicKey]);
    await deployWith(second.keyArn);
    expect(await mintedBy()).toBe(kidTwo);
    await expect(taken(await tokenOf(first, "m_older"))).rejects.toThrow(/InvalidIdentityToken|verification key/);
    await expect(instances.sweep()).resolves.toBeNull();
  });

  test("the canary rings for a key that is not ours, for one of ours that is missing, and for an issuer that is silent", async () => {
    const { services, publish } = stage;
    const { keyArn: first, publicKey: one, second } = services;
    await deployWith(first, second.keyArn);
    const foreign = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
      format: "der",
      type: "spki",
    });
    await publish([one, second.publicKey, foreign]);
    await expect(instances.sweep()).rejects.toThrow(
      `${issuer} publishes keys that are not ours: ${await kidOf(foreign)}`,
    );
    await publish([one]);
    await expect(instances.sweep()).rejects.toThrow(
      `${issuer} does not publish our keys ${await kidOf(second.publicKey)}`,
    );
    vi.stubGlobal("fetch", async () => new Response("", { status: 503 }));
    await expect(instances.sweep()).rejects.toThrow(`${issuer}/.well-known/openid-configuration answers 503`);
  });
});
