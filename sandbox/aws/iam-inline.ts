import type { Call } from "./call.ts";
import type { IamActions } from "./iam-action.ts";
import { readDocument, sizeOf } from "./iam-documents.ts";
import { type HolderKind, holderArn, holderContext, holderKinds, limit, modifiable, notFound } from "./iam-holder.ts";
import { page, required, rules } from "./iam-parameters.ts";
import type { Role, User } from "./state.ts";
import type { XmlValue } from "./xml.ts";

/** PutRolePolicy, GetRolePolicy, ListRolePolicies, DeleteRolePolicy, and the same for users. */
export const inlineActions: IamActions = Object.assign({}, ...holderKinds.map(inlineActionsOf));

function inlineActionsOf(kind: HolderKind): IamActions {
  const resource = (call: Call) => holderArn(kind, call);
  const context = (call: Call) => holderContext(kind, call);
  return {
    [`Put${kind.noun}Policy`]: { resource, context, run: (call) => putPolicy(kind, call) },
    [`Get${kind.noun}Policy`]: { resource, context, run: (call) => getPolicy(kind, call) },
    [`List${kind.noun}Policies`]: { resource, context, run: (call) => listPolicies(kind, call) },
    [`Delete${kind.noun}Policy`]: { resource, context, run: (call) => deletePolicy(kind, call) },
  };
}

function putPolicy(kind: HolderKind, call: Call): XmlValue {
  const holder = changeable(kind.find(call));
  const name = required(call, "PolicyName", rules.policyName);
  const document = required(call, "PolicyDocument", rules.document);
  readDocument(document, "identity");
  const after = { ...holder.inlinePolicies, [name]: document };
  const size = Object.values(after).reduce((sum, one) => sum + sizeOf(one), 0);
  if (size > kind.inlineMax) {
    const noun = kind.noun.toLowerCase();
    throw limit(`Maximum policy size of ${kind.inlineMax} bytes exceeded for ${noun} ${holder.name}`);
  }
  holder.inlinePolicies = after;
  return undefined;
}

function getPolicy(kind: HolderKind, call: Call): XmlValue {
  const holder = kind.find(call);
  const { name, document } = policyOf(kind, holder, call);
  return { [`${kind.noun}Name`]: holder.name, PolicyName: name, PolicyDocument: encodeURIComponent(document) };
}

function listPolicies(kind: HolderKind, call: Call): XmlValue {
  const { items, rest } = page(call, Object.keys(kind.find(call).inlinePolicies), (name) => name);
  return { PolicyNames: items, ...rest };
}

function deletePolicy(kind: HolderKind, call: Call): XmlValue {
  const holder = changeable(kind.find(call));
  const { name } = policyOf(kind, holder, call);
  const { [name]: _, ...kept } = holder.inlinePolicies;
  holder.inlinePolicies = kept;
  return undefined;
}

function policyOf(kind: HolderKind, holder: Role | User, call: Call): { name: string; document: string } {
  const name = required(call, "PolicyName", rules.policyName);
  const document = Object.hasOwn(holder.inlinePolicies, name) ? holder.inlinePolicies[name] : undefined;
  if (document === undefined) {
    throw notFound(`The ${kind.noun.toLowerCase()} policy with name ${name} cannot be found.`);
  }
  return { name, document };
}

export const changeable = <Holder extends Role | User>(holder: Holder): Holder => {
  if ("trustPolicy" in holder) modifiable(holder);
  return holder;
};
