import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { Refusal } from "./refusal.ts";

/** 32 random bytes as base64url, as in the key files of a laptop. */
const Key = z
  .string()
  .regex(/^[\w-]{43}$/)
  .transform((text) => new Uint8Array(Buffer.from(text, "base64url")));
/** The secret's JSON; keys of other functions may stand beside them. */
const Keys = z.looseObject({ person: Key, mac: Key });

export type KeysOnAws = Readonly<Record<"person" | "mac", Uint8Array>>;

/**
 * The keys that functions share, read once a process.
 * @param arn of a secret of Secrets Manager that holds `{"person": "<base64url>", "mac": "<base64url>"}`.
 * @throws Refusal `config.invalid` when it holds something else; what it holds is in no error.
 */
export async function readKeysOnAws(
  arn: string,
  client: SecretsManagerClient = new SecretsManagerClient({ maxAttempts: 3 }),
): Promise<KeysOnAws> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  const parsed = Keys.safeParse(jsonOf(SecretString));
  if (parsed.success) return { person: parsed.data.person, mac: parsed.data.mac };
  throw new Refusal("config.invalid", `The secret ${arn} does not hold the keys person and mac.`, {
    help: 'Put {"person": "…", "mac": "…"} into it, each 32 random bytes as base64url, from its backup where there is one.',
  });
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return null;
  }
}
