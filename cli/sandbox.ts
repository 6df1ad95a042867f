import { readFileSync } from "node:fs";
import { z } from "zod";
import { Refusal } from "#/core/refusal.ts";
import { shells } from "./shells.ts";
import { findRun } from "./world.ts";

const AdminKey = z.object({ access_key_id: z.string(), secret_access_key: z.string(), region: z.string() });

/** Endpoint and administrator's key of the sandbox, for outside programs to make roles and try them. */
export async function sandboxEnv(root: string, shell: keyof typeof shells): Promise<string> {
  const run = findRun(root);
  if (run.admin_key_file === undefined || run.aws_url === undefined)
    throw new Refusal("account.none", "The Roletrail that runs here has no simulated account.", {
      help: "Start the sandbox with npm start.",
    });
  const key = AdminKey.parse(JSON.parse(readFileSync(run.admin_key_file, "utf8")));
  return shells[shell]({
    AWS_ENDPOINT_URL: run.aws_url,
    AWS_ACCESS_KEY_ID: key.access_key_id,
    AWS_SECRET_ACCESS_KEY: key.secret_access_key,
    AWS_REGION: key.region,
    AWS_DEFAULT_REGION: key.region,
    // Of a session tried before, or a profile: each would be taken in this key's place.
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
  });
}
