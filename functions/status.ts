import { hasLink, isLinkIssuer } from "./link.ts";
import { discoveryOf, signinTerms } from "./provider.ts";
import type { Handler } from "./world.ts";

/** Which world this is and how one signs in to it. Anyone may ask. */
export const status: Handler<"status"> = async (world) => {
  const terms = signinTerms(world.access());
  const { issuer, client_id, scope, claim, name_claim } = terms;
  const discovery = discoveryOf(world.settings, terms);
  return {
    world: world.settings.ROLETRAIL_WORLD,
    simulated: world.settings.ROLETRAIL_WORLD === "sandbox",
    signin: isLinkIssuer(terms.issuer) ? null : { issuer, client_id, discovery, scope, claim, name_claim },
    link: hasLink(world),
  };
};
