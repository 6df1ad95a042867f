import { type CastMember, cast } from "./cast.ts";
import { chains } from "./chains.ts";
import { day, hour, isWeekend } from "./clock.ts";
import { consoleVisit } from "./console.ts";
import { type Habit, habitsOf, onCall, onCallIn } from "./habits.ts";
import { whereOf } from "./places.ts";
import type { Random } from "./random.ts";
import { roleOf } from "./sts.ts";
import { type Cues, toil } from "./toil.ts";

/** One day of everyone's ordinary work through the broker. */
export function peopleOn(cues: Cues, midnight: number): void {
  const { random } = cues;
  const weekend = isWeekend(midnight);
  const mood = random.near(1, 0.18);
  for (const person of cast) {
    for (const habit of habitsOf(person)) {
      const often = habit.often * mood * (weekend ? 0.04 : 1);
      times(random, often, () => workWith(cues, person, habit, midnight));
    }
  }
  const week = Math.floor((midnight / day + 3) / 7);
  for (const person of onCallIn(week)) {
    times(random, onCall.often * (weekend ? 0.6 : 1), () => workWith(cues, person, onCall, midnight, true));
  }
}

function times(random: Random, mean: number, work: () => void): void {
  const count = Math.floor(mean) + (random.chance(mean % 1) ? 1 : 0);
  for (let index = 0; index < count; index += 1) work();
}

function workWith(cues: Cues, person: CastMember, habit: Habit, midnight: number, anyHour = false): void {
  const { random, broker, stage } = cues;
  const session = broker.mint({
    person,
    role: roleOf(habit.account, habit.role),
    at: midnight + hourOfDay(random, anyHour),
    seconds: random.pick(habit.hours) * hour,
    reason: habit.reasons === undefined ? null : random.pick(habit.reasons),
    grant: habit.grant,
    ...(habit.tags === undefined ? {} : { tags: habit.tags }),
    console: random.chance(habit.console ?? 0),
    where: whereOf(person, random),
  });
  if (session === null) return;
  // Minted and never used: pasted into the wrong window, or the meeting was moved.
  if (habit.calls === 0 || random.chance(0.03)) return;
  if (habit.console !== undefined && random.chance(habit.console)) consoleVisit(stage, random, session, habit.kind);
  else toil(cues, session, habit.kind, habit.calls);
  chains(cues, person, session);
}

/** Mornings and afternoons, for whoever carries the pager any hour. */
function hourOfDay(random: Random, anyHour: boolean): number {
  const start = anyHour && random.chance(0.3) ? random.unit() * 24 : random.near(random.chance(0.55) ? 8.2 : 12.8, 1.3);
  return Math.max(1, Math.floor(start * hour));
}
