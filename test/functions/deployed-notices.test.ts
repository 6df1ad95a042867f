import { afterAll, beforeAll, expect, test } from "vitest";
import { invoke } from "#/core/invoke.ts";
import { openLedger } from "#/core/ledger.ts";
import { openDynamoStore } from "#/core/store/dynamodb.ts";
import type { Store } from "#/core/store/index.ts";
import { handler as notify } from "#/functions/lambda/notify.ts";
import { handler as revoke } from "#/functions/lambda/revoke.ts";
import { handler as vault } from "#/functions/lambda/vault.ts";
import { type Deployed, deploy } from "./deployed.ts";
import type { SignedIn } from "./northwharf.ts";

const prefix = "roletrail-test-";
const role = "arn:aws:iam::111122223333:role/DataAnalyst";

let stage: Deployed;
let store: Store;
let ilse: SignedIn;

const revoked = async (reason: string) => {
  const request = { role, reason };
  return invoke({ lambda: prefix }, "revoke", request, await ilse.deed("revoke", request));
};

beforeAll(async () => {
  stage = await deploy(prefix, { vault, revoke }, (input) => invoke({ lambda: prefix }, "vault", input));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SNS: stage.services.url,
    ROLETRAIL_TOPIC: "arn:aws:sns:eu-central-1:999900001111:roletrail-test-notices",
  });
  store = openDynamoStore(stage.tables);
  ilse = await stage.it.signIn("Ilse Brandt");
});
afterAll(async () => {
  await store.close();
  await stage.close();
});

test("people are told of a revocation once, by id and not by name, and of nothing that was before", async () => {
  const { notices } = stage.services;
  await revoked("before anybody listened");
  expect(await notify()).toEqual({ told: 0 });
  const { revocation_id } = await revoked("stolen\nlaptop \u2028 of somebody");
  expect(await notify()).toEqual({ told: 1 });
  expect(notices).toEqual([
    {
      subject: "Roletrail: sessions of DataAnalyst are being ended",
      text: expect.stringMatching(
        new RegExp(
          `^${ilse.person.id} is ending the sessions of ${role} issued before .*Z; \\d+ are known to be live\\.\\nReason: stolen laptop {1,3}of somebody\\nhttps://roletrail\\.example\\.com/revocations/${revocation_id}$`,
        ),
      ),
    },
  ]);
  expect(JSON.stringify(notices)).not.toContain("Brandt");
  expect(await notify()).toEqual({ told: 0 });
  expect(notices).toHaveLength(1);
});

test("what could not be told is told by the next run; a flood is one message", async () => {
  const { services } = stage;
  services.notices.length = 0;
  services.trouble = { name: "sns:", status: 403, type: "AuthorizationError" };
  const ledger = openLedger(store, "revoke-99", () => new Date());
  const failed = { revocation_id: "v_1", role, code: "revocation.failed", why: "IAM did not answer as it should." };
  await ledger.append({ kind: "revocation.failed", body: failed });
  await expect(notify()).rejects.toThrow();
  services.trouble = null;
  expect(await notify()).toEqual({ told: 1 });
  expect(services.notices.map(({ subject }) => subject)).toEqual([
    "Roletrail: sessions of DataAnalyst could NOT be ended",
  ]);
  for (let n = 0; n < 21; n += 1) await ledger.append({ kind: "revocation.failed", body: failed });
  expect(await notify()).toEqual({ told: 21 });
  expect(services.notices.map(({ subject }) => subject).at(-1)).toBe("Roletrail: 21 notices at once");
  expect(services.notices).toHaveLength(2);
});
