import { AssumeRoleWithWebIdentityCommand } from "@aws-sdk/client-sts";
import { nameOf } from "../access.ts";
import type { Clearance } from "./checks.ts";
import { mintTag } from "./checks.ts";
import type { Issuer } from "./issuer.ts";
import type { RoadCall } from "./minter.ts";
import type { Publication } from "./published.ts";
import { answered, issuedOf, type Sts } from "./sts.ts";
import { mayTryAgain } from "./sts-errors.ts";

/** AWS: up to 12 hours, whatever calls. */
const secondsMax = 43_200;
/** The token never leaves this function, and is used at once. */
const tokenSeconds = 60;
/** AWS could not fetch our keys: nothing was made, and trying again is its own advice. */
const attemptsMax = 3;

/**
 * The road `web-identity`: AssumeRoleWithWebIdentity with a token Roletrail signs. No AWS key is held, the call itself is
 * unsigned; tags and source identity are signed in the token, because the call has no parameters for them.
 */
export function webIdentity(
  sts: Sts,
  issuer: () => Promise<Issuer>,
  { now, publication }: { readonly now: () => Date; readonly publication: Publication | null },
): RoadCall {
  return {
    ...(publication === null ? {} : { closed: () => publication.refusal() }),
    cap: async () => ({ seconds_max: secondsMax, why: "AWS lends a role for at most 12 hours." }),
    call: async (clearance) => {
      const { terms, session_name, seconds, session_policy } = clearance;
      const token = await (await issuer()).sign(claimsOf(clearance, now()));
      const command = new AssumeRoleWithWebIdentityCommand({
        RoleArn: terms.role.arn,
        RoleSessionName: session_name,
        WebIdentityToken: token,
        DurationSeconds: seconds,
        ...(session_policy === null ? {} : { Policy: session_policy }),
      });
      for (let attempt = 1; ; attempt += 1) {
        try {
          const client = sts.unsigned(terms.account.region);
          return issuedOf(await answered((options) => client.send(command, options)));
        } catch (error) {
          if (attempt === attemptsMax || !mayTryAgain(error)) throw error;
        }
      }
    },
  };
}

/**
 * `sub` names account, role and person, so that the shipped trust policy (`<account>:<role>:*`) lets a token fit one role
 * only. It lands in CloudTrail: the person is there by keyed id.
 */
export function claimsOf({ terms, allowance, mint_id, tags, source_identity }: Clearance, now: Date) {
  const iat = Math.floor(now.getTime() / 1000);
  const principal_tags = Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, [value]]));
  return {
    aud: "sts.amazonaws.com",
    sub: `${terms.account.id}:${nameOf(terms.role.arn)}:${allowance.person.id}`,
    iat,
    exp: iat + tokenSeconds,
    jti: mint_id,
    "https://aws.amazon.com/tags": { principal_tags, transitive_tag_keys: [mintTag] },
    ...(source_identity === null ? {} : { "https://aws.amazon.com/source_identity": source_identity }),
  };
}
