import type { Call } from "./call.ts";
import { everything, type IamActions } from "./iam-action.ts";
import { findUser, holderArn, holderContext, iso, limit, notFound, userKind } from "./iam-holder.ts";
import { freshKeyId, freshSecret } from "./iam-ids.ts";
import { page, required, rules } from "./iam-parameters.ts";
import type { User } from "./state.ts";
import type { XmlValue } from "./xml.ts";

const resource = (call: Call): string => holderArn(userKind, call);
const context = (call: Call) => holderContext(userKind, call);

/** A user's long-term access keys. The secret is in CreateAccessKey's answer alone, never in the trail. */
export const keyActions: IamActions = {
  CreateAccessKey: { resource, context, run: createKey },
  ListAccessKeys: { resource, context, run: listKeys },
  UpdateAccessKey: { resource, context, run: updateKey },
  DeleteAccessKey: { resource, context, run: deleteKey },
  GetAccessKeyLastUsed: { resource: everything, run: lastUsed },
};

function createKey(call: Call): XmlValue {
  const user = findUser(call);
  if (user.accessKeys.length >= 2) throw limit("Cannot exceed quota for AccessKeysPerUser: 2");
  const key = { id: freshKeyId(), secret: freshSecret(), active: true, createdAt: iso(call.now) };
  user.accessKeys.push(key);
  return { AccessKey: { ...keyXml(user, key), SecretAccessKey: key.secret } };
}

function listKeys(call: Call): XmlValue {
  const user = findUser(call);
  const { items, rest } = page(call, user.accessKeys, ({ id }) => id);
  return { AccessKeyMetadata: items.map((key) => keyXml(user, key)), ...rest };
}

function updateKey(call: Call): XmlValue {
  keyOf(findUser(call), call).active = required(call, "Status", { pattern: "Active|Inactive" }) === "Active";
  return undefined;
}

function deleteKey(call: Call): XmlValue {
  const user = findUser(call);
  user.accessKeys.splice(user.accessKeys.indexOf(keyOf(user, call)), 1);
  return undefined;
}

/** When a key was last used is in the trail, not here: AWS's answer for a key it has not tracked. */
function lastUsed(call: Call): XmlValue {
  const id = required(call, "AccessKeyId", rules.keyId);
  const user = call.account.users.find(({ accessKeys }) => accessKeys.some((key) => key.id === id));
  if (user === undefined) throw notFound(`The Access Key with id ${id} cannot be found.`);
  return { UserName: user.name, AccessKeyLastUsed: { ServiceName: "N/A", Region: "N/A" } };
}

type AccessKey = User["accessKeys"][number];

const keyXml = (user: User, key: AccessKey) => ({
  UserName: user.name,
  AccessKeyId: key.id,
  Status: key.active ? "Active" : "Inactive",
  CreateDate: iso(key.createdAt),
});

function keyOf(user: User, call: Call): AccessKey {
  const id = required(call, "AccessKeyId", rules.keyId);
  const key = user.accessKeys.find((one) => one.id === id);
  if (key === undefined) throw notFound(`The Access Key with id ${id} cannot be found.`);
  return key;
}
