import type { Call } from "./call.ts";
import type { IamActions } from "./iam-action.ts";
import { type HolderKind, holderArn, holderContext, holderKinds, limit, notFound } from "./iam-holder.ts";
import { changeable } from "./iam-inline.ts";
import { checkAttachable, managedName } from "./iam-managed.ts";
import { optional, page, required, rules } from "./iam-parameters.ts";
import type { XmlValue } from "./xml.ts";

/** AttachRolePolicy, DetachRolePolicy, ListAttachedRolePolicies, the permissions boundary, and the same for users. */
export const attachedActions: IamActions = Object.assign({}, ...holderKinds.map(attachedActionsOf));

function attachedActionsOf(kind: HolderKind): IamActions {
  const resource = (call: Call) => holderArn(kind, call);
  const context = (call: Call) => holderContext(kind, call);
  const withPolicy = (call: Call) => {
    const arn = call.parameters.get("PolicyArn");
    return { ...context(call), ...(arn === undefined ? {} : { "iam:PolicyARN": arn }) };
  };
  const boundary = `${kind.noun}PermissionsBoundary`;
  return {
    [`Attach${kind.noun}Policy`]: { resource, context: withPolicy, run: (call) => attach(kind, call) },
    [`Detach${kind.noun}Policy`]: { resource, context: withPolicy, run: (call) => detach(kind, call) },
    [`ListAttached${kind.noun}Policies`]: { resource, context, run: (call) => listAttached(kind, call) },
    [`Put${boundary}`]: { resource, context, run: (call) => putBoundary(kind, call) },
    [`Delete${boundary}`]: { resource, context, run: (call) => deleteBoundary(kind, call) },
  };
}

function attach(kind: HolderKind, call: Call): XmlValue {
  const holder = changeable(kind.find(call));
  const arn = required(call, "PolicyArn", rules.arn);
  checkAttachable(call, arn, "policy");
  if (holder.attachedPolicyArns.includes(arn)) return undefined;
  if (holder.attachedPolicyArns.length >= 10) throw limit(`Cannot exceed quota for PoliciesPer${kind.noun}: 10`);
  holder.attachedPolicyArns = [...holder.attachedPolicyArns, arn];
  return undefined;
}

function detach(kind: HolderKind, call: Call): XmlValue {
  const holder = changeable(kind.find(call));
  const arn = required(call, "PolicyArn", rules.arn);
  if (!holder.attachedPolicyArns.includes(arn)) throw notFound(`Policy ${arn} was not found.`);
  holder.attachedPolicyArns = holder.attachedPolicyArns.filter((one) => one !== arn);
  return undefined;
}

function listAttached(kind: HolderKind, call: Call): XmlValue {
  const prefix = optional(call, "PathPrefix", rules.pathPrefix) ?? "/";
  const arns = kind.find(call).attachedPolicyArns.filter((arn) => arn.includes(`:policy${prefix}`));
  const { items, rest } = page(call, arns, managedName);
  return { AttachedPolicies: items.map((arn) => ({ PolicyName: managedName(arn), PolicyArn: arn })), ...rest };
}

function putBoundary(kind: HolderKind, call: Call): XmlValue {
  const holder = changeable(kind.find(call));
  const arn = required(call, "PermissionsBoundary", rules.arn);
  checkAttachable(call, arn, "boundary");
  holder.permissionsBoundaryArn = arn;
  return undefined;
}

function deleteBoundary(kind: HolderKind, call: Call): XmlValue {
  const holder = changeable(kind.find(call));
  if (holder.permissionsBoundaryArn === undefined) {
    throw notFound(`${kind.noun} ${holder.name} does not have a permissions boundary.`);
  }
  delete holder.permissionsBoundaryArn;
  return undefined;
}
