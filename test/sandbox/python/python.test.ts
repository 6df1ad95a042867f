import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accountIds, type Started, startSandbox } from "../start.ts";
import { findPython } from "./python.ts";

const run = promisify(execFile);
const python = findPython();
const { main } = accountIds;
let sandbox: Started;
let home: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  home = path.join(sandbox.world, "home");
  mkdirSync(home);
});
afterAll(() => sandbox.close());

/** Nothing of the machine's own AWS settings reaches the clients. */
const environment = (more: Record<string, string> = {}) => ({
  NODE_ENV: "test" as const,
  PATH: process.env["PATH"] ?? "",
  SYSTEMROOT: process.env["SYSTEMROOT"] ?? "",
  PYENV_VERSION: process.env["PYENV_VERSION"] ?? "",
  HOME: home,
  AWS_CONFIG_FILE: path.join(home, "config"),
  AWS_SHARED_CREDENTIALS_FILE: path.join(home, "credentials"),
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_ENDPOINT_URL: sandbox.url,
  AWS_REGION: "eu-west-1",
  AWS_DEFAULT_REGION: "eu-west-1",
  AWS_PAGER: "",
  ...more,
});

const keyOf = (holder: string) => {
  const { accessKeyId, secretAccessKey } = sandbox.key(holder);
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
};

describe.skipIf(python === undefined)("Python's clients", () => {
  test("boto3 finds every promise kept", { timeout: 240_000 }, async () => {
    const suite = {
      endpoint: sandbox.url,
      accounts: accountIds,
      token: await sandbox.token({ sub: `${main}:Web:py`, exp: Math.floor(Date.now() / 1000) + 600 }),
      seed: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
      keys: Object.fromEntries(
        ["main/admin", "main/nobody", "main/mfa-user", "main/federator", "other/admin"].map((one) => [
          one,
          sandbox.key(one),
        ]),
      ),
    };
    const script = path.join(import.meta.dirname, "boto3_suite.py");
    const env = environment({ ROLETRAIL_SUITE: JSON.stringify(suite) });
    const { stdout } = await run(python ?? "", [script], { env, maxBuffer: 16 * 1024 * 1024 });
    const told: { name: string; ok: boolean; trace?: string }[] = JSON.parse(stdout);
    expect(told.length).toBeGreaterThan(12);
    expect(told.filter((one) => !one.ok).map((one) => `${one.name}\n${one.trace}`)).toEqual([]);
  });

  const aws = async (words: string[], env: Record<string, string> = keyOf("main/admin")) => {
    const { stdout } = await run(python ?? "", ["-m", "awscli", ...words], { env: environment(env) });
    return stdout;
  };
  const refused = async (words: string[], env?: Record<string, string>): Promise<string> => {
    try {
      await aws(words, env);
      return "";
    } catch (error) {
      return error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    }
  };

  test("AWS CLI: who am I, and a profile that assumes a role with an external id", { timeout: 120_000 }, async () => {
    expect(JSON.parse(await aws(["sts", "get-caller-identity"])).Arn).toBe(`arn:aws:iam::${main}:user/admin`);
    const key = sandbox.key("main/admin");
    const profile = (name: string, id: string) =>
      `[profile ${name}]\nrole_arn = arn:aws:iam::${main}:role/External\nsource_profile = base\nexternal_id = ${id}\n`;
    writeFileSync(path.join(home, "config"), profile("right", "right-one") + profile("wrong", "wrong-one"));
    writeFileSync(
      path.join(home, "credentials"),
      `[base]\naws_access_key_id = ${key.accessKeyId}\naws_secret_access_key = ${key.secretAccessKey}\n`,
    );
    const who = ["sts", "get-caller-identity", "--profile"];
    expect(JSON.parse(await aws([...who, "right"], {})).Arn).toContain(":assumed-role/External/");
    expect(await refused([...who, "wrong"], {})).toContain("AccessDenied");
  });

  test("AWS CLI: a web identity token file, and credential_process", { timeout: 120_000 }, async () => {
    const file = path.join(home, "token");
    writeFileSync(file, await sandbox.token({ sub: `${main}:Web:cli`, exp: Math.floor(Date.now() / 1000) + 600 }));
    const env = {
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: `arn:aws:iam::${main}:role/Web`,
      AWS_ROLE_SESSION_NAME: "cli",
    };
    expect(JSON.parse(await aws(["sts", "get-caller-identity"], env)).Arn).toBe(
      `arn:aws:sts::${main}:assumed-role/Web/cli`,
    );
    const { Credentials } = JSON.parse(
      await aws([
        "sts",
        "assume-role",
        "--role-arn",
        `arn:aws:iam::${main}:role/Plain`,
        "--role-session-name",
        "process",
      ]),
    );
    writeFileSync(path.join(home, "answer.json"), JSON.stringify({ Version: 1, ...Credentials }));
    writeFileSync(
      path.join(home, "config"),
      `[profile process]\ncredential_process = cat ${path.join(home, "answer.json")}\n`,
    );
    expect(JSON.parse(await aws(["sts", "get-caller-identity", "--profile", "process"], {})).Arn).toContain(
      "/Plain/process",
    );
  });

  test("AWS CLI: s3 mb, cp up and down (in parts), ls, sync, rm", { timeout: 240_000 }, async () => {
    const large = path.join(home, "large.bin");
    writeFileSync(large, Buffer.alloc(9 * 1024 * 1024, "roletrail"));
    await aws(["s3", "mb", "s3://cli-made"]);
    await aws(["s3", "cp", large, "s3://cli-made/deep/large.bin", "--no-progress"]);
    expect(await aws(["s3", "ls", "s3://cli-made/deep/"])).toMatch(/9437184 large\.bin/);
    expect(await aws(["s3", "ls"])).toContain("cli-made");
    const back = path.join(home, "back");
    await aws(["s3", "sync", "s3://cli-made", back, "--no-progress"]);
    expect(readFileSync(path.join(back, "deep/large.bin")).equals(readFileSync(large))).toBe(true);
    await aws(["s3", "rm", "s3://cli-made", "--recursive"]);
    await aws(["s3", "rb", "s3://cli-made"]);
    expect(await refused(["s3", "ls", "s3://other-data"])).toContain("AccessDenied");
  });

  test("AWS CLI: IAM reads, CloudTrail's selectors, and a refusal in AWS's words", { timeout: 120_000 }, async () => {
    expect(JSON.parse(await aws(["iam", "get-role", "--role-name", "Plain"])).Role.RoleName).toBe("Plain");
    expect(JSON.parse(await aws(["cloudtrail", "describe-trails"])).trailList[0].Name).toBe("organization");
    const said = await refused(["iam", "list-roles"], keyOf("main/nobody"));
    expect(said).toContain("is not authorized to perform: iam:ListRoles");
    expect(said).toContain("because no identity-based policy allows the iam:ListRoles action");
  });
});
