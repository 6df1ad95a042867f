import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeContract } from "./contract.ts";
import { type DynamoServer, dynamoDbLocalMissing, startDynamoDbLocal } from "./dynamo-servers.ts";
import { newTables, storeOn } from "./dynamo-tables.ts";

const missing = await dynamoDbLocalMissing();
if (missing !== null) console.error(`skipped: ${missing}`);

test("DynamoDB Local is here, or this is no CI", () => {
  if (process.env["CI"] === "true") expect(missing).toBeNull();
});

describe.skipIf(missing !== null)("on AWS's own DynamoDB Local", () => {
  let server: DynamoServer;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.stop());

  storeContract("DynamoDB", async (now) => {
    const tables = await newTables(server.endpoint);
    const store = storeOn(server.endpoint, tables, now);
    const second = storeOn(server.endpoint, tables, now);
    return { store, second, dispose: async () => void (await Promise.all([store.close(), second.close()])) };
  });
});
