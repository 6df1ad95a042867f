import { mint as mintCredential } from "#/core/mint/index.ts";
import { Refusal } from "#/core/refusal.ts";
import type { Aws } from "./aws.ts";
import { judgeDeed } from "./vault.ts";
import type { Handler, World } from "./world.ts";

/** One credential for who proves to ask for it, shown once. */
export const mint: Handler<"mint"> = async (world, caller, input) => {
  const { person, spending } = await judgeDeed(world, caller, "mint", input);
  const { idempotency_key } = caller;
  return mintCredential(awsOf(world).minter, person, input, {
    spending,
    ...(idempotency_key === undefined ? {} : { idempotency_key }),
  });
};

/** @throws Refusal `account.none` where only logs are read. */
export function awsOf(world: World): Aws {
  if (world.aws !== null) return world.aws;
  throw new Refusal("account.none", "This Roletrail only reads logs; no AWS account is connected.", {
    help: "Start it with an account (npm start -- --aws), or without --trail for the sandbox.",
  });
}
