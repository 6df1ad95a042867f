import { randomBytes } from "node:crypto";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { rangeOf } from "./dynamodb-range.ts";
import { answered } from "./dynamodb-trouble.ts";
import type { Condition, NewRow, Put, Range, Row, Store } from "./index.ts";
import { expectRemovable, isAppendOnly, isKey, writableText } from "./rules.ts";

/** Two tables of one shape: the ledger's has no TTL and grants nobody UpdateItem or DeleteItem. */
export interface DynamoTables {
  readonly state: string;
  readonly ledger: string;
}

/** Both tables' keys; `ttl` is switched on for the state table only. All attributes else are free of schema. */
export const tableShape = { hashKey: "partition", rangeKey: "sort", ttl: "ttl" } as const;

/** Rows are deleted no sooner than this after their end: clocks of several functions differ. */
const ttlLaterSeconds = 3_600;

/**
 * The store in two DynamoDB tables. Each put is one conditional write, each read a consistent one; no transactions, no
 * batches (docs/decisions/0200). Values are JSON text, so that nothing is lost to DynamoDB's own numbers and nulls.
 */
export function openDynamoStore(
  tables: DynamoTables,
  { now = Date.now, client = openClient() }: { now?: () => number; client?: DynamoDBClient } = {},
): Store {
  return new DynamoStore(tables, client, now);
}

/** Bounded: an answer within seconds or a refusal that says so. Connections are kept, as is the SDK's default. */
const openClient = (): DynamoDBClient =>
  new DynamoDBClient({
    maxAttempts: 4,
    retryMode: "standard",
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });

/** Some of these words are DynamoDB's own, so all are written as names. */
const nameOf = {
  partition: "#p",
  sort: "#s",
  version: "#n",
  expires_at: "#e",
  value: "#v",
  ttl: "#t",
  token: "#k",
} as const;
type Attribute = keyof typeof nameOf;
const named = (...used: Attribute[]): Record<string, string> =>
  Object.fromEntries(used.map((name) => [nameOf[name], name]));

class DynamoStore implements Store {
  readonly #tables: DynamoTables;
  readonly #client: DynamoDBClient;
  readonly #now: () => number;

  constructor(tables: DynamoTables, client: DynamoDBClient, now: () => number) {
    this.#tables = tables;
    this.#client = client;
    this.#now = now;
  }

  async get(partition: string, sort: string): Promise<Row | null> {
    if (!isKey(partition, sort)) return null;
    const item = await this.#item(partition, sort);
    return item === undefined ? null : this.#live(rowOf(item));
  }

  async put(row: NewRow, condition: Condition): Promise<boolean> {
    const value = writableText(row, condition);
    const token = randomBytes(12).toString("base64url");
    try {
      await answered(this.#write(row, condition, { value, token }));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // A lost answer makes the SDK ask again, and the second attempt then meets what the first one wrote.
      if ((error.$metadata.attempts ?? 1) === 1) return false;
      return (await this.#item(row.partition, row.sort))?.["token"]?.S === token;
    }
  }

  /** One by one: a batch would write without conditions. */
  async putAll(rows: readonly Put[]): Promise<number> {
    let written = 0;
    for (const row of rows) {
      if (!(await this.put(row, row.condition ?? { absent: true }))) break;
      written += 1;
    }
    return written;
  }

  async list(partition: string, range: Range = {}): Promise<readonly Row[]> {
    const limit = range.limit ?? Number.POSITIVE_INFINITY;
    const keys = rangeOf(range);
    const rows: Row[] = [];
    let next: Record<string, AttributeValue> | undefined;
    if (keys === null || !isKey(partition, "-")) return rows;
    do {
      const page = await answered(
        this.#client.send(
          new QueryCommand({
            TableName: this.#tableOf(partition),
            ConsistentRead: true,
            KeyConditionExpression: `#p = :p${keys.condition}`,
            ExpressionAttributeNames: named("partition", ...(keys.condition === "" ? [] : (["sort"] as const))),
            ExpressionAttributeValues: { ":p": { S: partition }, ...keys.values },
            ScanIndexForward: range.newestFirst !== true,
            // One more: a range's end is read, and then left out.
            ...(Number.isFinite(limit) ? { Limit: limit - rows.length + 1 } : {}),
            ...(next === undefined ? {} : { ExclusiveStartKey: next }),
          }),
        ),
      );
      rows.push(...(page.Items ?? []).map(rowOf).filter((row) => row.sort !== range.to && this.#live(row) !== null));
      next = page.LastEvaluatedKey;
    } while (next !== undefined && rows.length < limit);
    return rows.slice(0, limit);
  }

  async remove(partition: string, sort: string): Promise<void> {
    expectRemovable(partition);
    if (!isKey(partition, sort)) return;
    await answered(
      this.#client.send(new DeleteItemCommand({ TableName: this.#tables.state, Key: keyOf(partition, sort) })),
    );
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  /** A new entry of the ledger is a put, so that its table need not grant updates; all else updates, to count versions. */
  #write(row: NewRow, condition: Condition, written: { value: string; token: string }): Promise<unknown> {
    if (isAppendOnly(row.partition)) return this.#client.send(this.#newEntry(row, written));
    return this.#client.send(this.#update(row, condition, written));
  }

  #newEntry({ partition, sort }: NewRow, { value, token }: { value: string; token: string }): PutItemCommand {
    return new PutItemCommand({
      TableName: this.#tables.ledger,
      Item: { ...keyOf(partition, sort), version: { N: "1" }, value: { S: value }, token: { S: token } },
      ConditionExpression: "attribute_not_exists(#p)",
      ExpressionAttributeNames: named("partition"),
    });
  }

  #update(row: NewRow, condition: Condition, { value, token }: { value: string; token: string }): UpdateItemCommand {
    const expires = row.expires_at ?? null;
    const { expression, values } = this.#conditionOf(condition);
    const set = "set #n = if_not_exists(#n, :zero) + :one, #v = :value, #k = :token";
    return new UpdateItemCommand({
      TableName: this.#tables.state,
      Key: keyOf(row.partition, row.sort),
      UpdateExpression: expires === null ? `${set} remove #e, #t` : `${set}, #e = :expires, #t = :ttl`,
      ...(expression === null ? {} : { ConditionExpression: expression }),
      ExpressionAttributeNames: {
        ...named("version", "value", "token", "expires_at", "ttl"),
        ...("absent" in condition ? named("partition") : {}),
      },
      ExpressionAttributeValues: {
        ":zero": { N: "0" },
        ":one": { N: "1" },
        ":value": { S: value },
        ":token": { S: token },
        ...(expires === null
          ? {}
          : { ":expires": number(expires), ":ttl": number(Math.ceil(expires / 1000) + ttlLaterSeconds) }),
        ...values,
      },
    });
  }

  #conditionOf(condition: Condition): { expression: string | null; values: Record<string, AttributeValue> } {
    if ("any" in condition) return { expression: null, values: {} };
    const now = { ":now": number(this.#now()) };
    if ("absent" in condition) return { expression: "attribute_not_exists(#p) or #e <= :now", values: now };
    return {
      expression: "#n = :version and (attribute_not_exists(#e) or #e > :now)",
      values: { ...now, ":version": number(condition.version) },
    };
  }

  async #item(partition: string, sort: string): Promise<Record<string, AttributeValue> | undefined> {
    const command = new GetItemCommand({
      TableName: this.#tableOf(partition),
      Key: keyOf(partition, sort),
      ConsistentRead: true,
    });
    return (await answered(this.#client.send(command))).Item;
  }

  #tableOf(partition: string): string {
    return isAppendOnly(partition) ? this.#tables.ledger : this.#tables.state;
  }

  #live(row: Row): Row | null {
    return row.expires_at === null || row.expires_at > this.#now() ? row : null;
  }
}

const keyOf = (partition: string, sort: string): Record<string, AttributeValue> => ({
  partition: { S: partition },
  sort: { S: sort },
});

const number = (value: number): AttributeValue => ({ N: String(value) });

function rowOf(item: Record<string, AttributeValue>): Row {
  const expires = item["expires_at"]?.N;
  return {
    partition: item["partition"]?.S ?? "",
    sort: item["sort"]?.S ?? "",
    version: Number(item["version"]?.N),
    expires_at: expires === undefined ? null : Number(expires),
    value: JSON.parse(item["value"]?.S ?? "null"),
  };
}
