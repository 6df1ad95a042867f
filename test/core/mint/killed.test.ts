import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyLedger } from "#/core/ledger.ts";
import { mint } from "#/core/mint/index.ts";
import { openMints } from "#/core/mint/rows.ts";
import { minterOf, type Northwharf, openNorthwharf } from "../../functions/northwharf.ts";

const analyst = "arn:aws:iam::111122223333:role/DataAnalyst";
let it: Northwharf;
beforeAll(async () => {
  it = await openNorthwharf();
});
afterAll(() => it.close());

test("killed between intent and outcome: nothing was handed over, the intent stands, the chain verifies, the next mint works", async () => {
  const server = http.createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const asked = once(server, "request");
  const child = fork(path.join(import.meta.dirname, "killed-minter.ts"), [analyst], {
    execArgv: ["--import", "tsx"],
    env: {
      ...process.env,
      ROLETRAIL_HOME: it.world.places.home,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const said: unknown[] = [];
  child.on("message", (message) => said.push(message));
  const exited = once(child, "exit");
  await asked;
  child.kill("SIGKILL");
  await exited;
  server.closeAllConnections();
  server.close();

  expect(said).toEqual([]);
  expect((await it.ledger()).map(({ kind }) => kind)).toEqual(["mint.intended"]);
  const mints = openMints(it.world.store);
  await mints.refresh();
  expect([...mints.all()].map(({ outcome, access_key_id }) => ({ outcome, access_key_id }))).toEqual([
    { outcome: "unknown", access_key_id: null },
  ]);
  // The lease it held ends by itself; another role is not held up at all.
  const mara = it.person("Mara Oyelaran");
  const made = await mint(minterOf(it.world), mara, {
    role: analyst.replace("DataAnalyst", "DataEngineer"),
    seconds: 900,
    reason: "x",
  });
  expect(made.credentials.AccessKeyId).toMatch(/^ASIA/);
  await expect(
    mint(minterOf(it.world), mara, { role: analyst, seconds: 900, reason: "x" }, { idempotency_key: "one" }),
  ).rejects.toMatchObject({ code: "request.repeated" });
  expect(await verifyLedger(it.world.store)).toMatchObject({ faults: [], entries: 4 });
}, 120_000);
