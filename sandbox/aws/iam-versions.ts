import type { Call } from "./call.ts";
import type { IamActions } from "./iam-action.ts";
import { conflict, iso, limit, notFound } from "./iam-holder.ts";
import { awsCreatedAt, checkManagedDocument, findOwnPolicy, findPolicy } from "./iam-managed.ts";
import { page, required, rules } from "./iam-parameters.ts";
import type { ManagedPolicy } from "./state.ts";
import type { XmlValue } from "./xml.ts";

const resource = (call: Call): string => call.parameters.get("PolicyArn") ?? "*";

export const versionActions: IamActions = {
  GetPolicyVersion: { resource, run: getVersion },
  ListPolicyVersions: { resource, run: listVersions },
  CreatePolicyVersion: { resource, run: createVersion },
  SetDefaultPolicyVersion: { resource, run: setDefault },
  DeletePolicyVersion: { resource, run: deleteVersion },
};

type Version = NonNullable<ManagedPolicy["versions"]>[number];

const versionsOf = (policy: ManagedPolicy): Version[] =>
  policy.versions ?? [{ id: "v1", document: policy.document, createdAt: policy.createdAt ?? awsCreatedAt }];

const versionXml = (policy: ManagedPolicy, version: Version, listed = false) => ({
  Document: listed ? undefined : encodeURIComponent(version.document),
  VersionId: version.id,
  IsDefaultVersion: version.id === (policy.defaultVersion ?? "v1"),
  CreateDate: iso(version.createdAt),
});

/** Every version with its document, as GetAccountAuthorizationDetails shows them. */
export const allVersions = (policy: ManagedPolicy): XmlValue =>
  versionsOf(policy).map((version) => versionXml(policy, version));

function getVersion(call: Call): XmlValue {
  const policy = findPolicy(call);
  return { PolicyVersion: versionXml(policy, findVersion(policy, call)) };
}

function listVersions(call: Call): XmlValue {
  const policy = findPolicy(call);
  const { items, rest } = page(call, versionsOf(policy), ({ id }) => id);
  return { Versions: items.map((version) => versionXml(policy, version, true)), ...rest };
}

function createVersion(call: Call): XmlValue {
  const policy = findOwnPolicy(call);
  const document = required(call, "PolicyDocument", rules.document);
  checkManagedDocument(document);
  const before = versionsOf(policy);
  if (before.length >= 5) throw limit("A managed policy can have up to 5 versions.");
  const latest = Math.max(...before.map(({ id }) => Number(id.slice(1))));
  const version = { id: `v${latest + 1}`, document, createdAt: iso(call.now) };
  policy.versions = [...before, version];
  if (call.parameters.get("SetAsDefault") === "true") makeDefault(policy, version, call);
  return { PolicyVersion: versionXml(policy, version, true) };
}

function setDefault(call: Call): XmlValue {
  const policy = findOwnPolicy(call);
  makeDefault(policy, findVersion(policy, call), call);
  return undefined;
}

function deleteVersion(call: Call): XmlValue {
  const policy = findOwnPolicy(call);
  const version = findVersion(policy, call);
  if (version.id === (policy.defaultVersion ?? "v1")) {
    throw conflict("Cannot delete the default version of a policy.");
  }
  policy.versions = versionsOf(policy).filter(({ id }) => id !== version.id);
  return undefined;
}

function makeDefault(policy: ManagedPolicy, version: Version, call: Call): void {
  policy.versions = versionsOf(policy);
  policy.defaultVersion = version.id;
  policy.document = version.document;
  policy.updatedAt = iso(call.now);
}

function findVersion(policy: ManagedPolicy, call: Call): Version {
  const id = required(call, "VersionId", rules.version);
  const version = versionsOf(policy).find((one) => one.id === id);
  if (version === undefined) throw notFound(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
  return version;
}
