import type { Call } from "./call.ts";
import { AwsError } from "./call.ts";
import type { IamActions } from "./iam-action.ts";
import { type HolderKind, holderArn, holderContext, holderKinds, limit } from "./iam-holder.ts";
import { changeable } from "./iam-inline.ts";
import { members, page, requestTags, tagsOf } from "./iam-parameters.ts";
import type { XmlValue } from "./xml.ts";

/** TagRole, UntagRole, ListRoleTags, and the same for users. Keys differ by case only in how they are shown. */
export const tagActions: IamActions = Object.assign({}, ...holderKinds.map(tagActionsOf));

function tagActionsOf(kind: HolderKind): IamActions {
  const resource = (call: Call) => holderArn(kind, call);
  const context = (call: Call) => ({ ...holderContext(kind, call), ...requestTags(call) });
  const untagContext = (call: Call) => ({ ...holderContext(kind, call), "aws:TagKeys": members(call, "TagKeys") });
  return {
    [`Tag${kind.noun}`]: { resource, context, run: (call) => tag(kind, call) },
    [`Untag${kind.noun}`]: { resource, context: untagContext, run: (call) => untag(kind, call) },
    [`List${kind.noun}Tags`]: {
      resource,
      context: (call) => holderContext(kind, call),
      run: (call) => list(kind, call),
    },
  };
}

function tag(kind: HolderKind, call: Call): XmlValue {
  const holder = changeable(kind.find(call));
  const given = tagsOf(call);
  if (Object.keys(given).some((key) => /^aws:/i.test(key))) {
    throw new AwsError("InvalidInput", "Tag keys with the prefix aws: are reserved for system use.");
  }
  const after = { ...without(holder.tags, Object.keys(given)), ...given };
  if (Object.keys(after).length > 50) throw limit(`Cannot exceed quota for TagsPer${kind.noun}: 50`);
  holder.tags = after;
  return undefined;
}

function untag(kind: HolderKind, call: Call): XmlValue {
  const holder = changeable(kind.find(call));
  holder.tags = without(holder.tags, members(call, "TagKeys"));
  return undefined;
}

function list(kind: HolderKind, call: Call): XmlValue {
  const { items, rest } = page(call, Object.entries(kind.find(call).tags), ([key]) => key);
  return { Tags: items.map(([Key, Value]) => ({ Key, Value })), ...rest };
}

function without(tags: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key.toLowerCase())));
}
