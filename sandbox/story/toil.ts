import { actionOf, type Work } from "./actions.ts";
import type { Broker } from "./broker.ts";
import { minute } from "./clock.ts";
import type { Random } from "./random.ts";
import { sessionArn } from "./shapes.ts";
import type { Living, Refused, Stage } from "./stage.ts";

export interface Cues {
  readonly stage: Stage;
  readonly broker: Broker;
  readonly random: Random;
}

/** Calls in bursts: some seconds between two, now and then half an hour. */
export function toil(
  { stage, random }: Pick<Cues, "stage" | "random">,
  session: Living,
  kind: Work,
  mean: number,
): void {
  const { issued } = session;
  let at = issued.createdAt + random.int(3, 45);
  for (let left = Math.max(1, Math.round(random.near(mean, mean / 2.4))); left > 0; left -= 1) {
    const action = actionOf(kind, random);
    const refusal = random.chance(0.022) && action.name !== "GetCallerIdentity" ? noPolicy(session, action) : undefined;
    if (!stage.call(session, at, action, refusal)) return;
    at += 1 + Math.floor(random.chance(0.8) ? random.gap(9) : random.gap(22 * minute));
  }
}

/** A plain refusal, in the words AWS uses for it. EC2 has its own. */
export function noPolicy(session: Living, action: { readonly source: string; readonly name: string }): Refused {
  const act = `${action.source}:${action.name.replace(/\d{8}(?:v\d)?$/, "")}`;
  const who = `User: ${sessionArn(session.issued)} is not authorized to perform: ${act}`;
  if (action.source === "ec2") {
    const message = `You are not authorized to perform this operation. ${who} because no identity-based policy allows the ${act} action.`;
    return { code: "Client.UnauthorizedOperation", message, denied: true };
  }
  const code = action.source === "athena" || action.source === "glue" ? "AccessDeniedException" : "AccessDenied";
  return { code, message: `${who} because no identity-based policy allows the ${act} action`, denied: true };
}
