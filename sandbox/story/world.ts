import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Places } from "#/core/config.ts";
import type { Organisation } from "#/sandbox/aws/state.ts";
import { accessFile } from "./access.ts";
import { accounts, homeRegion } from "./accounts.ts";
import { buckets } from "./buckets.ts";

/** Writes the world's files but the trail: aws.json, access.yaml, the two keys outside programs begin with, buckets. */
export function furnish(places: Places, state: Organisation): void {
  for (const folder of [places.home, places.world, places.secrets]) privateFolder(folder);
  for (const bucket of buckets) {
    const folder = path.join(places.s3, bucket.name);
    mkdirSync(folder, { recursive: true });
    for (const [key, content] of Object.entries(bucket.objects)) {
      const file = path.join(folder, key);
      mkdirSync(path.dirname(file), { recursive: true });
      writeWhole(file, content, 0o644);
    }
  }
  writeWhole(path.join(places.world, "access.yaml"), accessFile(), 0o644);
  const functions = keyOf(state, accounts.security, "roletrail-functions");
  writeWhole(path.join(places.secrets, "functions-aws.json"), json({ ...functions, region: homeRegion }), 0o600);
  const admin = {
    account: accounts.playground,
    user: "outside-admin",
    ...keyOf(state, accounts.playground, "outside-admin"),
  };
  writeWhole(path.join(places.world, "admin-key.json"), json({ ...admin, region: homeRegion }), 0o600);
  writeWhole(path.join(places.world, "aws.json"), json(state), 0o600);
}

interface Key {
  access_key_id: string;
  secret_access_key: string;
}

function keyOf(state: Organisation, account: string, name: string): Key {
  const user = state.accounts.find((each) => each.id === account)?.users.find((each) => each.name === name);
  const key = user?.accessKeys[0];
  if (key === undefined) throw new Error(`the story has no key for ${name}`);
  return { access_key_id: key.id, secret_access_key: key.secret };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function privateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

export function writeWhole(file: string, content: string, mode: number): void {
  writeFileSync(`${file}.new`, content, { mode });
  renameSync(`${file}.new`, file);
}
