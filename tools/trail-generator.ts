// A trail for benches and tests, with its truth beside it: CloudTrail's own keys, 20 accounts × 4 regions × 90 days.
//   tsx tools/trail-generator.ts --out DIR [--events 2000000] [--files 14000] [--seed S] [--tiny]
// Writes DIR/AWSLogs/… and DIR.truth.json. --tiny is 200,000 events in 12,000 files. Same arguments, same records.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { day } from "#/sandbox/story/clock.ts";
import { Random } from "#/sandbox/story/random.ts";
import { Delivery } from "./trail-generator/files.ts";
import { filler, wayIn } from "./trail-generator/plan.ts";
import type { Planner } from "./trail-generator/sessions.ts";
import { start } from "./trail-generator/time.ts";
import { Counting, type Truth } from "./trail-generator/truth.ts";
import { benchWorld } from "./trail-generator/world.ts";

const days = 90;
/** One record in so many is there twice. */
const duplicateEvery = 250;
/** Records that sessions make; the rest of a day is filled with long-term keys and services. */
const shareOfSessions = 0.87;

export interface Wanted {
  readonly out: string;
  readonly events: number;
  readonly files: number;
  readonly seed: string;
  readonly say?: (line: string) => void;
}

/**
 * Writes the trail under `out` and answers its truth. `events` counts records, duplicates included. There are exactly as
 * many files as asked for, at least one for each account and region.
 */
export function generateTrail({ out, events, files, seed, say = () => undefined }: Wanted): Truth {
  const world = benchWorld(seed);
  const counting = new Counting();
  const random = new Random("bench-days", seed);
  const delivery = new Delivery({ folder: out, organisation: world.organisation, random, counting });
  const filesBy = schedule(files, world.accounts.length * world.regions.length);
  const end = start + days * day;
  let since = 0;
  const planner: Planner = {
    world,
    random,
    counting,
    end,
    emit: (place, text) => {
      delivery.add(place, text);
      since += 1;
      if (since % duplicateEvery === 0 && place.at + day < end && counting.truth.records < events)
        delivery.again(place, text);
    },
  };
  for (let number = 0; number < days; number += 1) {
    const from = start + number * day;
    const isLast = number === days - 1;
    counting.newDay();
    const quota = Math.round((events * (number + 1)) / days);
    const bySessions = Math.round((events * (number + shareOfSessions)) / days);
    // The last day ends early, so that what begins still has time to call.
    const seconds = isLast ? day - 7200 : day;
    while (counting.truth.records < bySessions) wayIn(planner, from + Math.floor(random.unit() * seconds));
    while (counting.truth.records < quota) filler(planner, from + Math.floor(random.unit() * day));
    delivery.deliver(from + day, filesBy(number), isLast);
    if (number % 10 === 9) say(`day ${number + 1} of ${days}: ${counting.truth.records} records`);
  }
  return counting.finish();
}

/** How many files are there at the end of a day. Each account and region may still need one on the last. */
function schedule(files: number, cells: number): (day: number) => number {
  const onLastDay = Math.max(files / days, cells);
  return (number) => (number === days - 1 ? files : Math.round(((files - onLastDay) * (number + 1)) / (days - 1)));
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      events: { type: "string" },
      files: { type: "string" },
      seed: { type: "string", default: "1" },
      tiny: { type: "boolean", default: false },
    },
  });
  if (values.out === undefined) throw new Error("--out DIR is missing");
  const out = path.resolve(values.out);
  if (existsSync(out) && readdirSync(out).length > 0) throw new Error(`${out} is not empty`);
  mkdirSync(out, { recursive: true });
  const began = Date.now();
  const truth = generateTrail({
    out,
    events: Number(values.events ?? (values.tiny ? 200_000 : 2_000_000)),
    files: Number(values.files ?? (values.tiny ? 12_000 : 14_000)),
    seed: values.seed,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  writeFileSync(`${out}.truth.json`, `${JSON.stringify(truth, null, 1)}\n`);
  const { edges: _edges, ...figures } = truth;
  process.stdout.write(`${JSON.stringify(figures, null, 1)}\n${((Date.now() - began) / 1000).toFixed(1)} s\n`);
}
