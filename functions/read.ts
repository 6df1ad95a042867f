import { z } from "zod";
import { powersOf } from "#/core/access.ts";
import { Refusal } from "#/core/refusal.ts";
import type { ViewName, Views } from "#/core/views.ts";
import { openReader } from "./vault.ts";
import type { Look } from "./views/look.ts";
import { me, names } from "./views/me.ts";
import { mintOf } from "./views/mint.ts";
import { revocation, revocations, revokePreview } from "./views/revocations.ts";
import { role, roles } from "./views/roles.ts";
import type { Handler } from "./world.ts";

type View<Name extends ViewName> = {
  readonly params: z.ZodType<Views[Name]["params"]>;
  readonly answer: (look: Look, params: Views[Name]["params"]) => Promise<Views[Name]["view"]>;
};

const nothing = z.strictObject({});
const aRole = z.strictObject({ account: z.string().regex(/^\d{12}$/), name: z.string().regex(/^[\w+=,.@-]{1,64}$/) });
const anId = z.strictObject({ id: z.string().max(64) });

/** Each view checks the power it needs itself. */
// biome-ignore format: the columns are the point
const views: { readonly [Name in ViewName]: View<Name> } = {
  "me":             { params: nothing, answer: me },
  "roles":          { params: nothing, answer: roles },
  "role":           { params: aRole,   answer: role },
  "revoke-preview": { params: aRole,   answer: revokePreview },
  "revocations":    { params: nothing, answer: revocations },
  "revocation":     { params: anId,    answer: revocation },
  "mint":           { params: anId,    answer: mintOf },
  "names":          { params: z.strictObject({ ids: z.string().max(12_000) }), answer: names },
};

/** A named view of the store and the access file, as who signed in may see it. */
export const read: Handler<"read"> = async (world, caller, { view, params }) => {
  const person = await openReader(world, caller.ticket);
  if (!isView(view)) throw new Refusal("not.found", "There is no such view.");
  const look = { world, person, powers: powersOf(world.access(), person) };
  return answer(view, look, params);
};

const isView = (name: string): name is ViewName => Object.hasOwn(views, name);

function answer<Name extends ViewName>(name: Name, look: Look, params: unknown): Promise<Views[Name]["view"]> {
  const view: View<Name> = views[name];
  const parsed = view.params.safeParse(params);
  if (!parsed.success) throw new Refusal("request.invalid", `The view ${name} was asked with wrong parameters.`);
  return view.answer(look, parsed.data);
}
