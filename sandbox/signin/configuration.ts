import type { Configuration, JWKS, KoaContextWithOIDC } from "oidc-provider";
import { Memory } from "./memory.ts";
import { errorPage, logoutPage, signedOutPage } from "./pages.ts";
import { type Account, claimsOf } from "./people.ts";
import type { SigninTerms } from "./provider.ts";

/** The provider's settings: one client with PKCE, public unless it was given a secret, groups inside the id_token, no refresh tokens. */
export function configurationOf(
  terms: SigninTerms,
  accounts: readonly Account[],
  app: string,
  keys: { jwks: JWKS; cookies: string[] },
): Configuration {
  return {
    clients: [
      {
        client_id: "roletrail",
        client_name: "Roletrail",
        ...(terms.clientSecret === undefined
          ? { token_endpoint_auth_method: "none" }
          : { token_endpoint_auth_method: "client_secret_basic", client_secret: terms.clientSecret }),
        grant_types: ["authorization_code"],
        response_types: ["code"],
        redirect_uris: [`${app}/api/auth/callback/sso`],
        post_logout_redirect_uris: [`${app}/signin`],
      },
    ],
    adapter: Memory,
    jwks: keys.jwks,
    cookies: { keys: keys.cookies, long: { sameSite: "lax" }, short: { sameSite: "lax" } },
    scopes: ["openid", "email", "profile", "groups"],
    claims: {
      openid: ["sub", "oid"],
      email: ["email", "email_verified"],
      profile: ["name"],
      groups: ["groups", "hasgroups"],
    },
    // Groups and name belong in the id_token itself: the app reads nothing else.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    responseTypes: ["code"],
    findAccount: (_context, sub) => {
      const account = accounts.find((each) => each.sub === sub);
      return account === undefined ? undefined : { accountId: sub, claims: () => ({ ...claimsOf(account) }) };
    },
    loadExistingGrant: grantOf,
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    routes: { authorization: "/authorize", end_session: "/logout", jwks: "/keys" },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => logoutPage(context, form, terms.company),
        postLogoutSuccessSource: (context) => signedOutPage(context, terms.company),
      },
    },
    renderError: (context, out) => errorPage(context, out, terms.company),
    ttl: {
      AuthorizationCode: 60,
      AccessToken: 600,
      IdToken: terms.idTokenSeconds ?? 600,
      Interaction: 3_600,
      Grant: 12 * 3_600,
      Session: 12 * 3_600,
    },
  };
}

/** The company's own program needs no consent. One grant a session: a second one would revoke the other tab's code. */
async function grantOf(context: KoaContextWithOIDC) {
  const { client, session, provider } = context.oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const known = session.grantIdFor(client.clientId);
  const grant = known === undefined ? undefined : await provider.Grant.find(known);
  if (grant !== undefined) return grant;
  const fresh = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  fresh.addOIDCScope("openid email profile groups");
  await fresh.save();
  return fresh;
}
