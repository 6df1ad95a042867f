import {
  CreateOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  type IAMClient,
} from "@aws-sdk/client-iam";
import { hostOf } from "#/core/mint/trust.ts";
import { tagKey } from "./names.ts";
import type { Run } from "./run.ts";
import { Failed } from "./steps.ts";

export const providerArn = ({ caller }: Pick<Run, "caller">, issuer: string): string =>
  `arn:${caller.partition}:iam::${caller.account}:oidc-provider/${hostOf(issuer)}`;

const audience = "sts.amazonaws.com";

/** Registers the issuer, or uses the account's own registration of it, which is then left as it is. */
export async function registerIssuer(run: Run, iam: IAMClient, issuer: string): Promise<string> {
  const OpenIDConnectProviderArn = providerArn(run, issuer);
  try {
    await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: issuer,
        ClientIDList: [audience],
        Tags: [{ Key: tagKey, Value: run.names.run }],
      }),
    );
    return `${issuer} registered`;
  } catch (error) {
    if (!(error instanceof Error && error.name.startsWith("EntityAlreadyExists"))) throw error;
  }
  const { ClientIDList = [] } = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  if (ClientIDList.includes(audience)) return "it was registered before: used, and left as it is";
  throw new Failed(`The account knows ${issuer}, but not for the audience ${audience}; it was left as it is.`);
}
