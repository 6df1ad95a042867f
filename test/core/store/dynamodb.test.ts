import http from "node:http";
import type { AddressInfo } from "node:net";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DynamoTables, openDynamoStore } from "#/core/store/dynamodb.ts";
import type { Store } from "#/core/store/index.ts";
import { storeContract } from "./contract.ts";
import { type DynamoServer, startDynalite } from "./dynamo-servers.ts";
import { clientOf, newTables, storeOn } from "./dynamo-tables.ts";

let server: DynamoServer;
beforeAll(async () => {
  server = await startDynalite();
});
afterAll(() => server.stop());

storeContract("DynamoDB (dynalite)", async (now) => {
  const tables = await newTables(server.endpoint);
  const store = storeOn(server.endpoint, tables, now);
  const second = storeOn(server.endpoint, tables, now);
  return { store, second, dispose: async () => void (await Promise.all([store.close(), second.close()])) };
});

/** What stands between the store and DynamoDB: passes calls on, unless the test has it do otherwise. */
type Between = (target: string, response: http.ServerResponse, pass: () => Promise<Passed>) => Promise<void>;
interface Passed {
  readonly status: number;
  readonly body: Buffer;
}

async function through(
  between: Between,
  work: (store: Store, tables: DynamoTables, calls: string[]) => Promise<void>,
): Promise<void> {
  const tables = await newTables(server.endpoint);
  const calls: string[] = [];
  const proxy = http.createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const target = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
      calls.push(target);
      await between(target, response, async () => {
        const headers = new Headers(
          Object.entries(request.headers).flatMap(([name, value]) =>
            ["host", "connection", "content-length"].includes(name) ? [] : [[name, String(value)] as [string, string]],
          ),
        );
        const answer = await fetch(server.endpoint, { method: "POST", headers, body: Buffer.concat(chunks) });
        return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
      });
    })();
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const store = openDynamoStore(tables, { client: clientOf(endpoint, attempts) });
  await work(store, tables, calls);
  await store.close();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
}

/** The SDK waits between its attempts: two are enough to see that it makes more than one. */
const attempts = 2;

const answer = (response: http.ServerResponse, { status, body }: Passed): void => {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(body);
};

/** The first write is done, but its answer is lost on the way. */
const loseFirstAnswer = (): Between => {
  let lost = false;
  return async (target, response, pass) => {
    const passed = await pass();
    if (lost || !["PutItem", "UpdateItem"].includes(target)) return answer(response, passed);
    lost = true;
    response.destroy();
  };
};

test.each(["proof", "ledger#mint-1"])(
  "a put into %s whose answer was lost is told apart from another's",
  async (partition) => {
    await through(loseFirstAnswer(), async (store) => {
      expect(await store.put({ partition, sort: "one", value: {} }, { absent: true })).toBe(true);
      expect(await store.get(partition, "one")).toMatchObject({ version: 1 });
      expect(await store.put({ partition, sort: "one", value: {} }, { absent: true })).toBe(false);
    });
  },
);

test("a versioned put whose answer was lost counts once", async () => {
  await through(loseFirstAnswer(), async (store, tables) => {
    const direct = storeOn(server.endpoint, tables);
    await direct.put({ partition: "p", sort: "s", value: 1 }, { absent: true });
    expect(await store.put({ partition: "p", sort: "s", value: 2 }, { version: 1 })).toBe(true);
    expect(await store.get("p", "s")).toMatchObject({ version: 2, value: 2 });
    await direct.close();
  });
});

test("another writer who came between a lost write and its retry is not mistaken for us", async () => {
  let writes = 0;
  const tablesSeen: DynamoTables[] = [];
  const between: Between = async (target, response, pass) => {
    if (target !== "UpdateItem") return answer(response, await pass());
    writes += 1;
    if (writes > 1) return answer(response, await pass());
    // Ours is lost before it arrives, another's arrives.
    const direct = storeOn(server.endpoint, tablesSeen[0] as DynamoTables);
    await direct.put({ partition: "proof", sort: "one", value: {} }, { absent: true });
    await direct.close();
    response.destroy();
  };
  await through(between, async (store, tables) => {
    tablesSeen.push(tables);
    expect(await store.put({ partition: "proof", sort: "one", value: {} }, { absent: true })).toBe(false);
  });
});

const failing =
  (status: number, type: string): Between =>
  async (_target, response) =>
    answer(response, { status, body: Buffer.from(JSON.stringify({ __type: type, message: "no" })) });

test("throttling is a refusal that says so, after the client's own attempts", async () => {
  const type = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";
  await through(failing(400, type), async (store, _tables, calls) => {
    await expect(store.get("p", "s")).rejects.toMatchObject({ name: "Refusal", code: "store.busy" });
    expect(calls).toHaveLength(attempts);
    await expect(store.list("p")).rejects.toMatchObject({ code: "store.busy" });
    await expect(store.put({ partition: "p", sort: "s", value: 1 }, { any: true })).rejects.toMatchObject({
      code: "store.busy",
    });
  });
});

test("a service in trouble, and one that is not there, is a refusal; a missing table or right is a fault", async () => {
  for (const [status, type] of [
    [500, "InternalServerError"],
    [502, "SomeGateway"],
  ] as const)
    await through(failing(status, type), async (store) => {
      await expect(store.get("p", "s")).rejects.toMatchObject({ name: "Refusal", code: "store.down" });
    });
  const nobody = openDynamoStore({ state: "s", ledger: "l" }, { client: clientOf("http://127.0.0.1:1") });
  await expect(nobody.get("p", "s")).rejects.toMatchObject({ code: "store.down" });
  for (const type of ["AccessDeniedException", "ResourceNotFoundException"])
    await through(failing(400, type), async (store) => {
      await expect(store.get("p", "s")).rejects.toMatchObject({ name: type });
    });
});

test("the ledger has its own table, written by PutItem alone and without a time to live", async () => {
  const both: Between = async (_target, response, pass) => answer(response, await pass());
  await through(both, async (store, tables, calls) => {
    await store.put({ partition: "ledger#mint-1", sort: "1", value: {} }, { absent: true });
    expect(calls).toEqual(["PutItem"]);
    const direct = clientOf(server.endpoint);
    const Key = { partition: { S: "ledger#mint-1" }, sort: { S: "1" } };
    const { Item } = await direct.send(new GetItemCommand({ TableName: tables.ledger, Key }));
    expect(Object.keys(Item ?? {}).sort()).toEqual(["partition", "sort", "token", "value", "version"]);
    expect((await direct.send(new GetItemCommand({ TableName: tables.state, Key }))).Item).toBeUndefined();
    direct.destroy();
  });
});

test("DynamoDB's own time to live is in seconds, an hour after the row's end, and goes when the end goes", async () => {
  const tables = await newTables(server.endpoint);
  const store = storeOn(server.endpoint, tables, () => 1_000);
  const direct = clientOf(server.endpoint);
  const ttl = async (): Promise<string | undefined> => {
    const Key = { partition: { S: "vault" }, sort: { S: "s" } };
    return (await direct.send(new GetItemCommand({ TableName: tables.state, Key }))).Item?.["ttl"]?.N;
  };
  await store.put({ partition: "vault", sort: "s", value: 1, expires_at: 1_700_000_000_001 }, { absent: true });
  expect(await ttl()).toBe(String(1_700_000_001 + 3_600));
  await store.put({ partition: "vault", sort: "s", value: 1 }, { any: true });
  expect(await ttl()).toBeUndefined();
  await store.close();
  direct.destroy();
});
