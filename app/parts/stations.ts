import type { Rows } from "#/queries/catalogue.ts";
import type { Station } from "../drawings/lineage.tsx";
import { roleName, sessionHref, shortKey } from "../words.ts";
import { joinedBy } from "./join-words.ts";
import { shown } from "./shown.ts";

type Step = Rows["session-lineage"];

/** Person, broker, role, role: one station a step, joined as the step says. */
export function stationsOf(
  steps: readonly Step[],
  named: (id: string) => string,
  session: { readonly session_id: string; readonly way: string },
): Station[] {
  const first = steps[0];
  if (first === undefined) return [];
  const stations: Station[] = [rootOf(first, named, session.way)];
  if (first.mint_id !== null) stations.push(brokerOf(first));
  for (const step of steps) stations.push(roleOf(step, session.session_id));
  return stations;
}

function rootOf(first: Step, named: (id: string) => string, way: string): Station {
  const name = first.person_id === null ? shown(first.caller, named) : named(first.person_id);
  return { name, title: first.caller, as: kindOf(first, way), joined: null };
}

/** Who signs in as a pipeline came in as a service, whichever role it took first: the session's way says so. */
function kindOf(first: Step, way: string): Station["as"] {
  if (first.origin === "broker") return "person";
  return way === "service" || first.origin === "service" || first.origin === "console" ? "service" : "outside";
}

const brokerOf = (first: Step): Station => ({
  name: `broker ${first.mint_id ?? ""}`,
  as: "role",
  joined: { by: "key", why: "the ledger has the mint" },
});

function roleOf(step: Step, current: string): Station {
  const name = step.role === null ? step.made_by : roleName(step.role);
  return {
    name,
    title: step.role ?? step.made_by,
    href: step.session_id === current ? null : sessionHref(step.session_id),
    as: "role",
    joined: { by: step.mint_id !== null && step.step === 1 ? "tag" : joinedBy(step.joined_by), why: whyOf(step) },
  };
}

function whyOf(step: Step): string {
  if (step.why !== null) return step.why;
  return step.parent_key_id === null ? "" : shortKey(step.parent_key_id);
}
