import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accountIds, type Started, startSandbox } from "../start.ts";

let sandbox: Started;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const main = accountIds.main;

test("an unmodified SDK client assumes a role, and the session is who it says", async () => {
  const sts = new STSClient({ ...sandbox.client, credentials: sandbox.key("main/admin") });
  const { Credentials, AssumedRoleUser } = await sts.send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${main}:role/Plain`, RoleSessionName: "jo" }),
  );
  expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${main}:assumed-role/Plain/jo`);
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
  const session = new STSClient({ ...sandbox.client, credentials });
  expect((await session.send(new GetCallerIdentityCommand({}))).Arn).toBe(AssumedRoleUser?.Arn);
  const iam = new IAMClient({ ...sandbox.client, credentials });
  expect((await iam.send(new GetRoleCommand({ RoleName: "Plain" }))).Role?.RoleName).toBe("Plain");
});

test("a web identity becomes a role without any AWS key", async () => {
  const sts = new STSClient({ ...sandbox.client, credentials: { accessKeyId: "", secretAccessKey: "" } });
  const token = await sandbox.token({
    sub: `${main}:Web:abc`,
    "https://aws.amazon.com/tags": {
      principal_tags: { RoletrailMint: ["m_1"] },
      transitive_tag_keys: ["RoletrailMint"],
    },
    "https://aws.amazon.com/source_identity": "p_abc",
  });
  const answer = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: `arn:aws:iam::${main}:role/Web`,
      RoleSessionName: "jo",
      WebIdentityToken: token,
      DurationSeconds: 43_200,
    }),
  );
  expect(answer.SourceIdentity).toBe("p_abc");
  expect(answer.SubjectFromWebIdentityToken).toBe(`${main}:Web:abc`);
});

test("every call above is in the trail at CloudTrail's own keys", () => {
  const names = sandbox.records().map((record) => record["eventName"]);
  expect(names.sort()).toEqual(["AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity", "GetRole"]);
});
