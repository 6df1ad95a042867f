import { AwsError, type Call } from "./call.ts";
import { everything, type IamActions } from "./iam-action.ts";
import { exists, iso, limit, notFound } from "./iam-holder.ts";
import { members, requestTags, required, rules, tagsOf } from "./iam-parameters.ts";
import { tagsXml } from "./iam-shapes.ts";
import type { OidcProvider } from "./state.ts";
import type { XmlValue } from "./xml.ts";

const named = (call: Call): string => call.parameters.get("OpenIDConnectProviderArn") ?? "*";

export const oidcActions: IamActions = {
  CreateOpenIDConnectProvider: {
    resource: (call) => arnOf(call, (call.parameters.get("Url") ?? "").replace(/^https:\/\//, "")),
    context: requestTags,
    run: createProvider,
  },
  GetOpenIDConnectProvider: { resource: named, run: getProvider },
  ListOpenIDConnectProviders: {
    resource: everything,
    run: (call) => ({
      OpenIDConnectProviderList: call.account.oidcProviders.map(({ url }) => ({ Arn: arnOf(call, url) })),
    }),
  },
  DeleteOpenIDConnectProvider: { resource: named, run: deleteProvider },
  AddClientIDToOpenIDConnectProvider: { resource: named, run: addClient },
  RemoveClientIDFromOpenIDConnectProvider: { resource: named, run: removeClient },
  UpdateOpenIDConnectProviderThumbprint: { resource: named, run: updateThumbprints },
};

const arnOf = (call: Call, url: string) => `arn:aws:iam::${call.account.id}:oidc-provider/${url}`;

function createProvider(call: Call): XmlValue {
  const address = required(call, "Url", { min: 1, max: 255 });
  if (!/^https:\/\/[\w.-]+(\/[\w./~%-]*)?$/.test(address)) {
    throw new AwsError("ValidationError", "Invalid Open ID Connect Provider URL");
  }
  const url = address.slice("https://".length).replace(/\/$/, "");
  if (call.account.oidcProviders.some((provider) => provider.url === url)) {
    throw exists(`Provider with url ${address} already exists.`);
  }
  const clientIds = members(call, "ClientIDList");
  if (clientIds.length > 100) throw limit("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100");
  const provider: OidcProvider = {
    url,
    clientIds,
    thumbprints: readThumbprints(call),
    createdAt: iso(call.now),
    tags: tagsOf(call),
  };
  call.account.oidcProviders.push(provider);
  return { OpenIDConnectProviderArn: arnOf(call, url) };
}

function getProvider(call: Call): XmlValue {
  const { url, clientIds, thumbprints, createdAt, tags = {} } = findProvider(call);
  return {
    Url: url,
    ClientIDList: clientIds,
    ThumbprintList: thumbprints,
    CreateDate: createdAt === undefined ? undefined : iso(createdAt),
    Tags: tagsXml(tags),
  };
}

/** Idempotent: a provider that is not there is no error. */
function deleteProvider(call: Call): XmlValue {
  const arn = required(call, "OpenIDConnectProviderArn", rules.arn);
  call.account.oidcProviders = call.account.oidcProviders.filter(({ url }) => arnOf(call, url) !== arn);
  return undefined;
}

function addClient(call: Call): XmlValue {
  const provider = findProvider(call);
  const id = required(call, "ClientID", { min: 1, max: 255 });
  const after = [...new Set([...provider.clientIds, id])];
  if (after.length > 100) throw limit("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100");
  provider.clientIds = after;
  return undefined;
}

function removeClient(call: Call): XmlValue {
  const provider = findProvider(call);
  const id = required(call, "ClientID", { min: 1, max: 255 });
  provider.clientIds = provider.clientIds.filter((one) => one !== id);
  return undefined;
}

function updateThumbprints(call: Call): XmlValue {
  const provider = findProvider(call);
  provider.thumbprints = readThumbprints(call);
  return undefined;
}

function readThumbprints(call: Call): string[] {
  const thumbprints = members(call, "ThumbprintList");
  if (thumbprints.length > 5) throw new AwsError("InvalidInput", "Thumbprint list must contain fewer than 5 entries.");
  if (!thumbprints.every((one) => /^[0-9a-fA-F]{40}$/.test(one))) {
    throw new AwsError("ValidationError", "Thumbprints must be 40 hexadecimal characters.");
  }
  return thumbprints;
}

function findProvider(call: Call): OidcProvider {
  const arn = required(call, "OpenIDConnectProviderArn", rules.arn);
  const provider = call.account.oidcProviders.find(({ url }) => arnOf(call, url) === arn);
  if (provider === undefined) throw notFound(`OpenIDConnect Provider not found for arn ${arn}`);
  return provider;
}
