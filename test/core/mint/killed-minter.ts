import { placesOf, settings } from "#/core/config.ts";
import { personId } from "#/core/ids.ts";
import { mint } from "#/core/mint/index.ts";
import { openWorld } from "#/functions/world.ts";

/** A functions process of its own that mints once; whoever started it kills it while STS keeps it waiting. */
const given = settings.parse({ ROLETRAIL_HOME: process.env["ROLETRAIL_HOME"] });
const world = openWorld(given);
const person = {
  id: personId(world.key("person"), "https://signin.roletrail.test", "u-1001"),
  issuer: "https://signin.roletrail.test",
  claim: "u-1001",
  groups: ["data"],
  groups_state: "complete",
  name: "Mara Oyelaran",
  authenticated_at: new Date().toISOString(),
  via: "browser",
} as const;
if (world.aws === null) throw new Error(`no account in ${placesOf(given).world}`);
await mint(
  world.aws.minter,
  person,
  { role: process.argv[2] ?? "", seconds: 900, reason: "x" },
  { idempotency_key: "one" },
);
process.send?.("handed over");
