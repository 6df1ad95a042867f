import { existsSync } from "node:fs";
import { readAccess } from "#/core/access-file.ts";
import { placesOf, readSettings } from "#/core/config.ts";
import { ambientIdentity } from "#/core/mint/ambient.ts";
import { Refusal } from "#/core/refusal.ts";

/**
 * `node .build/real.mjs [real] [aws]`: run by the start before a world is opened. Refuses settings and an access file that
 * are not right, and before real things (an account, an s3:// trail) what must not stand there. With `aws` it prints the
 * ambient identity as JSON.
 */
async function main(): Promise<void> {
  const settings = readSettings();
  const file = settings.ROLETRAIL_ACCESS === undefined ? undefined : placesOf(settings).access;
  if (process.argv.includes("real")) requireRealSignIn(file);
  else if (file !== undefined) readAccess(file);
  const identity = process.argv.includes("aws") ? await ambientIdentity("us-east-1") : {};
  process.stdout.write(JSON.stringify(identity));
}

/** Names that resolve to nobody else's provider: the sandbox's own, and whatever runs on this machine. */
const notReal = /^(.+\.)?(test|localhost|example|invalid)$|^127\.|^\[?::1\]?$|^0\.0\.0\.0$/;

/** @throws Refusal `access.invalid` without an access file, or when its sign-in provider is the sandbox's. */
function requireRealSignIn(file: string | undefined): void {
  if (file === undefined || !existsSync(file))
    throw new Refusal(
      "access.invalid",
      "A real account or an s3:// trail needs an access file with a sign-in provider.",
      {
        help: "Write access.yaml (docs/access.schema.json) and start with --access FILE.",
      },
    );
  for (const { issuer } of readAccess(file).issuers) {
    if (!notReal.test(new URL(issuer).hostname) && issuer.startsWith("https://")) continue;
    throw new Refusal("access.invalid", `${issuer} is the sandbox's sign-in provider, or this machine's own.`, {
      help: "A real account or an s3:// trail takes your company's OIDC issuer: set it under issuers in the access file.",
    });
  }
}

main().catch((error: unknown) => {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`roletrail: ${error.message}\n${error.help === undefined ? "" : `  ${error.help}\n`}`);
  process.exitCode = 1;
});
