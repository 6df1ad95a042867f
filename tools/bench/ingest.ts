// Ingest of a generated trail to Parquet and facts, against DuckDB's own read_json + unnest into Parquet alone over the
// same files, in interleaved pairs; then each question's latency over what was read.
//   npm run bench ingest                  200,000 events in 1,400 files, one pair: seconds
//   npm run bench ingest -- --full        2,000,000 events in 14,000 files and 200,000 in 12,000 tiny ones, three pairs
// Peak memory is the sum of each process's own peak (VmHWM), CPU that of the whole tree: both from /proc, so Linux only.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { generateTrail } from "../trail-generator.ts";

const root = path.resolve(import.meta.dirname, "../..");
const isFull = process.argv.includes("--full");
const home = mkdtempSync(path.join(process.env["ROLETRAIL_BENCH_FOLDER"] ?? tmpdir(), "roletrail-bench-"));
const bundles = path.join(root, ".build/bench");

const sets = isFull
  ? [
      { name: "2,000,000 events, 14,000 files", events: 2_000_000, files: 14_000, pairs: 3, target: 1.1 },
      { name: "200,000 events, 12,000 tiny files", events: 200_000, files: 12_000, pairs: 3, target: 1.5 },
    ]
  : [{ name: "200,000 events, 1,400 files", events: 200_000, files: 1_400, pairs: 1, target: null }];

try {
  await bundle();
  for (const set of sets) await race(set);
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function bundle(): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: { run: "tools/bench/ingest/run.ts", ingest: "queries/ingest/worker.ts" },
    outdir: bundles,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    loader: { ".sql": "text" },
    logLevel: "error",
  });
}

async function race({ name, events, files, pairs, target }: (typeof sets)[number]): Promise<void> {
  const trail = path.join(home, `trail-${files}`);
  generateTrail({ out: trail, events, files, seed: "bench" });
  console.log(`\n${name}`);
  const measured: Record<"ours" | "baseline", Measured[]> = { ours: [], baseline: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const what of pair % 2 === 0 ? (["baseline", "ours"] as const) : (["ours", "baseline"] as const)) {
      const out = path.join(home, `${what}-${files}`);
      rmSync(out, { recursive: true, force: true });
      const one = await run(what, trail, out);
      measured[what].push(one);
      const { wallMs, cpuMs, peakMb, said } = one;
      console.log(
        `  ${what.padEnd(9)} ${seconds(wallMs)} s, ${seconds(cpuMs)} CPU s, peaks sum to ${peakMb} MB  ${said}`,
      );
    }
  }
  const ratio = (of: (one: Measured) => number): string =>
    (median(measured.baseline.map(of)) / median(measured.ours.map(of))).toFixed(2);
  const wanted = target === null ? "" : ` (target ${target})`;
  console.log(
    `  rate against DuckDB alone: ${ratio(({ wallMs }) => wallMs)} by wall${wanted}, ${ratio(({ cpuMs }) => cpuMs)} by CPU`,
  );
  const { said } = await run("questions", trail, path.join(home, `ours-${files}`));
  for (const [question, times] of Object.entries(JSON.parse(said) as object))
    console.log(`  ${question.padEnd(28)} ${JSON.stringify(times)}`);
}

interface Measured {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly said: string;
}

async function run(what: string, trail: string, out: string): Promise<Measured> {
  const from = performance.now();
  const worker = path.join(bundles, "ingest.mjs");
  const child = spawn(process.execPath, [path.join(bundles, "run.mjs"), what, trail, out, worker], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const seen = new Map<number, { cpuMs: number; peakMb: number }>();
  const timer = setInterval(() => sample(child.pid ?? 0, seen), 40);
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await new Promise<void>((resolve, reject) =>
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${what} ended with ${code}`)))),
  );
  clearInterval(timer);
  const all = [...seen.values()];
  return {
    wallMs: performance.now() - from,
    cpuMs: all.reduce((sum, one) => sum + one.cpuMs, 0),
    peakMb: Math.round(all.reduce((sum, one) => sum + one.peakMb, 0)),
    said: said.trim(),
  };
}

/** Notes the processor time and peak memory so far of a process and of those it started. */
function sample(pid: number, seen: Map<number, { cpuMs: number; peakMb: number }>): void {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    // One that has just ended has no memory any more.
    if (peak === undefined) return;
    // Clock ticks are hundredths of a second.
    seen.set(pid, { cpuMs: (Number(stat[11]) + Number(stat[12])) * 10, peakMb: Number(peak) / 1024 });
    for (const task of readdirSync(`/proc/${pid}/task`))
      for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean))
        sample(Number(child), seen);
  } catch {
    // It has just ended.
  }
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
