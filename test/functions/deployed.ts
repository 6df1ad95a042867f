import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { issuerDocuments, publishedKeyOf } from "#/core/mint/issuer-documents.ts";
import type { DynamoTables } from "#/core/store/dynamodb.ts";
import { startDynalite } from "../core/store/dynamo-servers.ts";
import { newTables } from "../core/store/dynamo-tables.ts";
import { addAccessBucket, putAccess } from "./access-bucket.ts";
import { type AwsServices, startAwsServices } from "./aws-services.ts";
import { type Northwharf, openNorthwharf, type PutSignin } from "./northwharf.ts";

/** The functions as they are deployed: Lambda entries, DynamoDB, KMS and secrets, of which each reads its environment. */
export interface Deployed {
  readonly it: Northwharf;
  readonly services: AwsServices;
  readonly tables: DynamoTables;
  /** Whoever deploys the issuer publishes its files; no function here could. */
  readonly publish: (publicKeys: readonly Buffer[]) => Promise<void>;
  /** What the issuer's host answers to whoever asks it over the network. */
  readonly published: (url: string) => Promise<Response>;
  readonly close: () => Promise<void>;
}

type Lambdas = Parameters<typeof startAwsServices>[1];

/** `put` hands a sign-in's token to the vault, as web does. */
export async function deploy(prefix: string, lambdas: Lambdas, put: PutSignin): Promise<Deployed> {
  const dynamo = await startDynalite();
  const tables = await newTables(dynamo.endpoint);
  const secret: Record<string, string> = { mac: Buffer.alloc(32, 1).toString("base64url") };
  const named = Object.entries(lambdas).map(([name, each]) => [`${prefix}${name}`, each]);
  const services = await startAwsServices(secret, Object.fromEntries(named));
  const it = await openNorthwharf({ put, edit: addAccessBucket });
  const { world } = it;
  secret["person"] = Buffer.from(world.key("person")).toString("base64url");
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_ENDPOINT_URL_KMS: services.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: services.url,
    AWS_ENDPOINT_URL_LAMBDA: services.url,
    ROLETRAIL_WORLD: "aws-999900001111",
    ...(await putAccess(readFileSync(world.places.access, "utf8"))),
    ROLETRAIL_OIDC_DISCOVERY: world.settings.ROLETRAIL_OIDC_DISCOVERY,
    ROLETRAIL_ISSUER: world.settings.ROLETRAIL_ISSUER,
    ROLETRAIL_URL: "https://roletrail.example.com",
    ROLETRAIL_FUNCTIONS: prefix,
    ROLETRAIL_STORE: `dynamodb:${tables.state},${tables.ledger}`,
    ROLETRAIL_SECRETS: services.secretArn,
    ROLETRAIL_ISSUER_KEY: services.keyArn,
  });
  const publish = async (publicKeys: readonly Buffer[]): Promise<void> => {
    const keys = await Promise.all(publicKeys.map(publishedKeyOf));
    for (const [name, document] of Object.entries(issuerDocuments(world.settings.ROLETRAIL_ISSUER, keys))) {
      const file = path.join(world.places.issuer, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(document));
    }
  };
  await publish([services.publicKey]);
  const close = async (): Promise<void> => {
    await it.close();
    await services.close();
    await dynamo.stop();
  };
  const published = async (url: string): Promise<Response> =>
    new Response(readFileSync(path.join(world.places.issuer, new URL(url).pathname)));
  return { it, services, tables, publish, published, close };
}
