import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type DynamoTables, openDynamoStore, tableShape } from "#/core/store/dynamodb.ts";
import type { Store } from "#/core/store/index.ts";

let made = 0;

/** Two new tables on a DynamoDB server of this machine, shaped as on AWS. */
export async function newTables(endpoint: string): Promise<DynamoTables> {
  made += 1;
  const tables = { state: `state-${made}`, ledger: `ledger-${made}` };
  const client = clientOf(endpoint);
  for (const TableName of [tables.state, tables.ledger]) {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [
          { AttributeName: tableShape.hashKey, KeyType: "HASH" },
          { AttributeName: tableShape.rangeKey, KeyType: "RANGE" },
        ],
        AttributeDefinitions: [
          { AttributeName: tableShape.hashKey, AttributeType: "S" },
          { AttributeName: tableShape.rangeKey, AttributeType: "S" },
        ],
      }),
    );
  }
  client.destroy();
  return tables;
}

export const storeOn = (endpoint: string, tables: DynamoTables, now?: () => number): Store =>
  openDynamoStore(tables, { client: clientOf(endpoint), ...(now === undefined ? {} : { now }) });

export const clientOf = (endpoint: string, maxAttempts = 3): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: "eu-central-1",
    maxAttempts,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
