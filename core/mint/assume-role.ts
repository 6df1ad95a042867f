import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import type { Terms } from "../access.ts";
import { mintTag } from "./checks.ts";
import type { RoadCall } from "./minter.ts";
import { answered, issuedOf, type Sts } from "./sts.ts";

/** AWS caps a role taken from a role session at one hour, whatever the role's own maximum says. */
const chainedSecondsMax = 3_600;
const unchainedSecondsMax = 43_200;

/** The road `assume-role`: AssumeRole by the broker's own role, or, where none is named, by the function itself. */
export function assumeRole(sts: Sts): RoadCall {
  const clientFor = ({ account }: Terms): STSClient =>
    account.broker === undefined ? sts.own(account.region) : sts.as(account.broker, account.region);
  return {
    cap: async ({ account }) => {
      const chained = account.broker !== undefined || (await sts.isSession(account.region));
      return chained
        ? { seconds_max: chainedSecondsMax, why: "AWS caps a role taken from another role at 1 hour." }
        : { seconds_max: unchainedSecondsMax, why: "AWS lends a role for at most 12 hours." };
    },
    call: async ({ terms, session_name, seconds, session_policy, source_identity, tags }) => {
      const { external_id } = terms.role;
      const command = new AssumeRoleCommand({
        RoleArn: terms.role.arn,
        RoleSessionName: session_name,
        DurationSeconds: seconds,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        TransitiveTagKeys: [mintTag],
        ...(source_identity === null ? {} : { SourceIdentity: source_identity }),
        ...(external_id === undefined ? {} : { ExternalId: external_id }),
        ...(session_policy === null ? {} : { Policy: session_policy }),
      });
      return issuedOf(await answered((options) => clientFor(terms).send(command, options)));
    },
  };
}
