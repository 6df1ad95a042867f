import { rmSync } from "node:fs";
import path from "node:path";
import type { Places } from "#/core/config.ts";
import { type NewEntry, openLedger } from "#/core/ledger.ts";
import { remember } from "#/core/people.ts";
import { readKey } from "#/core/secrets.ts";
import { openLibsqlStore } from "#/core/store/libsql.ts";
import type { Organisation } from "#/sandbox/aws/state.ts";
import { accounts, signInIssuer, trailBucket } from "./accounts.ts";
import { Broker } from "./broker.ts";
import { type Calendar, calendarOf } from "./calendar.ts";
import { cast } from "./cast.ts";
import { day, isoOf } from "./clock.ts";
import { Delivery, storyDays, windowOf } from "./delivery.ts";
import { incident } from "./incident.ts";
import { contain, tellIncident } from "./incident-told.ts";
import { machinesOn } from "./machines.ts";
import { longTermKey, organisation } from "./organisation.ts";
import { peopleOn } from "./people.ts";
import { pipelinesOn } from "./pipelines.ts";
import { plumbing, supplierOn } from "./plumbing.ts";
import { Random } from "./random.ts";
import { type PastRow, policyName, revokingPolicy, tellRevocations } from "./revoking.ts";
import { Stage } from "./stage.ts";
import { fireDrill } from "./tokens.ts";
import { twists } from "./twists.ts";
import { usersOn } from "./users-at-work.ts";
import { furnish, writeWhole } from "./world.ts";

/**
 * Makes the world: the organisation and its files, then 30 days of trail up to the last UTC midnight before `now`, then
 * the ledger's side of it. `story-truth.json` comes last: without it the story counts as untold and begins anew.
 *
 * @param days of everyday life, from the first; what happens once is told whole.
 */
export async function tell(
  places: Places,
  now: Date,
  say: (line: string) => void,
  days: number = storyDays,
): Promise<void> {
  forgetHalfTold(places);
  const window = windowOf(now);
  const calendar = calendarOf(window.start);
  const state = organisation();
  furnish(places, state);
  say(
    `${state.accounts.length} accounts, ${state.accounts.flatMap((each) => each.roles).length} roles, ${cast.length} people`,
  );
  const told = tellTrail(places, window, { calendar, days }, say);
  say(
    `${told.stage.truth.records.toLocaleString("en")} events in ${told.stage.truth.files.toLocaleString("en")} files`,
  );
  await enterLedger(places, told, now);
  leaveMarks(state, calendar);
  furnish(places, state);
  writeWhole(path.join(places.world, "story-truth.json"), `${JSON.stringify(told.stage.truth)}\n`, 0o600);
  say(`told, up to ${isoOf(window.end)}`);
}

interface Told {
  readonly stage: Stage;
  readonly broker: Broker;
  readonly revocations: { readonly entries: readonly NewEntry[]; readonly rows: readonly PastRow[] };
}

function tellTrail(
  places: Places,
  window: { start: number; end: number },
  { calendar, days }: { calendar: Calendar; days: number },
  say: (line: string) => void,
): Told {
  const seed = isoOf(window.end);
  const delivery = new Delivery(path.join(places.s3, trailBucket), new Random("delivery", seed), window.end);
  const stage = new Stage(delivery, new Random("records", seed), window);
  for (const { role, cutoff } of calendar.revocations) stage.cutoffs.push({ role: role.arn, at: cutoff });
  const broker = new Broker(stage, new Random("broker", seed), readKey(places.secrets, "person"));
  const once = new Random("once", seed);
  twists({ stage, broker, random: once }, calendar);
  fireDrill(stage, once, calendar.fireDrill);
  tellIncident(stage, once, calendar);
  contain({ stage, broker, random: once }, calendar);
  for (let number = 0; number < days; number += 1) {
    const midnight = window.start + number * day;
    const random = new Random("day", seed, number);
    machinesOn(stage, random, midnight);
    plumbing(stage, random, midnight);
    supplierOn(stage, random, midnight);
    pipelinesOn(stage, random, midnight);
    usersOn(stage, random, midnight);
    peopleOn({ stage, broker, random }, midnight);
    delivery.flush(midnight);
    if (number % 6 === 5) say(`day ${number + 1} of ${storyDays}`);
  }
  const revocations = tellRevocations(stage, once, calendar, broker);
  delivery.flush(Number.POSITIVE_INFINITY);
  finishTruth(stage, delivery);
  return { stage, broker, revocations };
}

function finishTruth(stage: Stage, delivery: Delivery): void {
  const { truth } = stage;
  truth.edges = stage.edges.list();
  truth.files = delivery.written;
  const minted = truth.sessions.filter(({ origin }) => origin === "broker");
  const used = minted.filter((session) => session.calls + session.calls_by_other_keys > 0).length;
  truth.mints.used = used;
  truth.mints.never_used = truth.mints.handed_over - used;
}

/** The ledger's own shards: what the mint function and the revoke function wrote, in the order of time. */
async function enterLedger(places: Places, { broker, revocations }: Told, now: Date): Promise<void> {
  const store = openLibsqlStore(places.store);
  for (const person of cast) {
    const named = { id: broker.personId(person), issuer: signInIssuer, claim: person.sub, name: person.name };
    await remember(store, named, now);
  }
  await openLedger(store, "mint-1", () => now).appendAll(inOrder(broker.entries));
  await openLedger(store, "revoke-1", () => now).appendAll(inOrder(revocations.entries));
  for (const row of revocations.rows) {
    await store.put({ partition: "revocation", sort: row.revocation_id, value: row }, { absent: true });
  }
  await store.close();
}

const inOrder = (entries: readonly NewEntry[]): NewEntry[] =>
  [...entries].sort((a, b) => (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0));

/** What the 30 days left behind in IAM: the key switched off, the revoking policies still on their roles. */
function leaveMarks(state: Organisation, calendar: Calendar): void {
  const stolen = longTermKey(incident.account, incident.user);
  for (const key of state.accounts.flatMap(({ users }) => users).flatMap(({ accessKeys }) => accessKeys)) {
    if (key.id === stolen) key.active = false;
  }
  for (const { role, cutoff } of calendar.revocations) {
    const account = state.accounts.find(({ id }) => id === accounts[role.account]);
    const found = account?.roles.find(({ name }) => name === role.name);
    if (found !== undefined) found.inlinePolicies[policyName] = revokingPolicy(cutoff);
  }
}

/** A story that was interrupted leaves no trace: nothing but this story ever wrote into a world without its truth. */
function forgetHalfTold(places: Places): void {
  rmSync(places.s3, { recursive: true, force: true });
  for (const name of ["", "-wal", "-shm"]) rmSync(`${places.store}${name}`, { force: true });
}
