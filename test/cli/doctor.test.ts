import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Finding, findings, trailFindings } from "#/cli/doctor.ts";
import { readSettings } from "#/core/config.ts";
import { issuerDocuments, publishedKeyOf } from "#/core/mint/issuer-documents.ts";
import type { TrailStatus } from "#/queries/sources/trail-status.ts";
import { startAwsServices } from "../functions/aws-services.ts";
import { accountIds, type Started, startSandbox } from "../sandbox/start.ts";

const good: TrailStatus = {
  name: "organisation",
  bucket: "logs",
  prefix: "",
  organisation: true,
  every_region: true,
  validated: true,
  logging: true,
  delivery_error: null,
};
const judged = (more: Partial<TrailStatus>): readonly string[] =>
  [...trailFindings([{ ...good, ...more }])].filter(({ state }) => state !== "good").map(({ sentence }) => sentence);

describe("the trail", () => {
  test("of an organisation, in every Region, validated and logging is well", () => {
    expect(judged({})).toEqual([]);
  });

  test.each<[Partial<TrailStatus>, string]>([
    [{ every_region: false }, "The trail organisation covers one Region only."],
    [{ validated: false }, "The trail organisation writes no digests."],
    [{ logging: false }, "The trail organisation does not log."],
    [{ logging: null }, "The trail organisation cannot be asked whether it logs."],
    [{ organisation: false }, "The trail organisation is this account's alone."],
    [{ delivery_error: "AccessDenied" }, "The trail organisation could not deliver last: AccessDenied."],
  ])("%o is said", (more, sentence) => {
    expect(judged(more)).toEqual([sentence]);
  });

  test("none at all is said", () => {
    expect([...trailFindings([])].map(({ sentence }) => sentence)).toEqual(["This account has no CloudTrail trail."]);
  });
});

describe("doctor --aws against the sandbox account", () => {
  let sandbox: Started;
  const file = (): string => path.join(sandbox.world, "access.yaml");

  beforeAll(async () => {
    sandbox = await startSandbox();
    const key = sandbox.key("main/admin");
    for (const [name, value] of Object.entries({
      AWS_ENDPOINT_URL: sandbox.url,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    }))
      vi.stubEnv(name, value);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await sandbox.close();
  });

  const write = (accounts: string): void =>
    writeFileSync(
      file(),
      `version: 1\nissuers: [{ issuer: "https://login.example.com", client_id: roletrail }]\naccounts:\n${accounts}\nroles: []\ngrants: []\npowers: []\n`,
    );
  async function found(more: Record<string, string> = {}): Promise<readonly Finding[]> {
    const settings = readSettings({ NODE_ENV: "test", ROLETRAIL_ACCESS: file(), ...more });
    const all: Finding[] = [];
    for await (const finding of findings(settings)) all.push(finding);
    return all;
  }

  test("who asks, the file, the trail and every role of Roletrail's are looked at, each in a sentence", async () => {
    write(`  - { id: "${accountIds.main}", name: main, revoker: "arn:aws:iam::${accountIds.main}:role/NotThere" }`);
    const all = await found();
    expect(all.map(({ check }) => check)).toEqual([
      ...["identity", "access", "trail", "trail", "trail", "trail", "issuer", "account"],
    ]);
    // Whether the sandbox's trail is validated is the sandbox's to say.
    const others = all.filter(({ sentence }) => !sentence.includes("digests"));
    expect(others.map(({ state }) => state)).toEqual([...Array(5).fill("good"), "unknown", "unknown"]);
    expect(all[0]?.sentence).toContain(`:user/admin in ${accountIds.main}`);
    expect(all.at(-1)?.sentence).toContain("role/NotThere could not be taken: AccessDenied");
  });

  test("an account that Roletrail is not in is named, and so is a wrong account of one's own", async () => {
    write(`  - { id: "${accountIds.other}", name: other }`);
    const all = await found({ ROLETRAIL_WORLD: "aws-999900001111" });
    expect(
      all.filter(({ check, state }) => check !== "trail" && state === "bad").map(({ sentence }) => sentence),
    ).toEqual([
      expect.stringContaining("but this Roletrail runs in 999900001111."),
      `other (${accountIds.other}) names no role of Roletrail's: sessions there cannot be ended.`,
    ]);
  });

  test("the issuer must publish exactly the keys that KMS has, the one that signs among them", async () => {
    const services = await startAwsServices({}, {});
    const { publicKey, keyArn, second } = services;
    vi.stubEnv("AWS_ENDPOINT_URL_KMS", services.url);
    let published: readonly Buffer[] = [];
    vi.stubGlobal("fetch", async (url: string) => {
      const documents = issuerDocuments(
        "https://issuer.example.com",
        await Promise.all(published.map((key) => publishedKeyOf(key))),
      );
      return Response.json(documents[new URL(url).pathname.slice(1)]);
    });
    const judged = async (keys: string, ...listed: readonly Buffer[]): Promise<string> => {
      published = listed;
      const all = await found({ ROLETRAIL_ISSUER: "https://issuer.example.com", ROLETRAIL_ISSUER_KEY: keys });
      const { state, sentence } = all.find(({ check }) => check === "issuer") ?? {};
      return `${state}: ${sentence}`;
    };
    try {
      expect(await judged(keyArn, publicKey)).toBe("good: https://issuer.example.com publishes exactly our key.");
      expect(await judged(`${second.keyArn},${keyArn}`, publicKey, second.publicKey)).toContain("exactly our 2 keys");
      expect(await judged(second.keyArn, publicKey)).toMatch(/^bad: .*publishes keys that are not ours/);
      expect(await judged(`${second.keyArn},${keyArn}`, publicKey)).toMatch(/^bad: .*does not publish our keys/);
    } finally {
      vi.unstubAllGlobals();
      await services.close();
    }
  });

  test("an access file that is not valid is said in its own words, and the rest is looked at all the same", async () => {
    writeFileSync(file(), "version: 2\n");
    const all = await found();
    const access = all.find(({ check }) => check === "access");
    expect(access).toMatchObject({ state: "bad" });
    expect(access?.sentence).toContain("version");
    expect(all.filter(({ check }) => check === "trail")).toHaveLength(4);
  });
});
