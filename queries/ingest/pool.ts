import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { workerEnvironment } from "#/core/config.ts";
import type { Batch, Staged } from "./stage.ts";

export interface PoolOptions {
  readonly where: string;
  readonly events: string;
  readonly staging: string;
  /** The worker's bundle; beside this process's own by default. */
  readonly worker: string;
  readonly workers?: number;
  /** A batch takes a second; one that takes this long is stuck. */
  readonly batchSecondsMax?: number;
}

/** Where `node tools/build.mjs` puts the worker: beside the bundle that asks. Null when run from source. */
export function builtWorker(): string | null {
  const beside = path.join(path.dirname(fileURLToPath(import.meta.url)), "ingest.mjs");
  return existsSync(beside) ? beside : null;
}

/** Stages batches in processes of their own, as many as there are cores, four at most. Yields in order of completion. */
export async function* stageInWorkers(options: PoolOptions, batches: readonly Batch[]): AsyncGenerator<Staged> {
  const queue = [...batches];
  const done: Staged[] = [];
  const waiting: (() => void)[] = [];
  let failure: unknown;
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const count = Math.min(options.workers ?? availableParallelism(), 4, batches.length);
  const lanes = Array.from({ length: count }, async (_, lane) => {
    const worker = new Worker(options, lane);
    try {
      for (let batch = queue.shift(); batch !== undefined && failure === undefined; batch = queue.shift()) {
        done.push(await inWorker(worker, batch));
        wake();
      }
    } catch (error) {
      failure ??= error;
    } finally {
      worker.end();
      wake();
    }
  });
  let running = true;
  const all = Promise.all(lanes).then(() => {
    running = false;
    wake();
  });
  while (running || done.length > 0) {
    if (done.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    for (const staged of done.splice(0)) yield staged;
  }
  await all;
  if (failure !== undefined) throw failure;
}

/** A batch that ends its worker is tried file by file; a file that does so alone is unreadable, and the rest loads. */
async function inWorker(worker: Worker, batch: Batch): Promise<Staged> {
  const staged = await worker.stage(batch);
  if (staged !== null) return staged;
  if (batch.keys.length > 1) {
    const singles: Staged[] = [];
    for (const [number, key] of batch.keys.entries())
      singles.push(await inWorker(worker, { id: `${batch.id}-${number}`, keys: [key] }));
    return {
      batch: batch.id,
      parts: singles.flatMap(({ parts }) => parts),
      files: singles.flatMap(({ files }) => files),
    };
  }
  const reason = "reading it took more memory or time than a log file may";
  const files = batch.keys.map((key) => ({ key, state: "unreadable" as const, reason, records: 0, rejected: 0 }));
  return { batch: batch.id, parts: [], files };
}

/**
 * A worker allocates and frees a batch at a time. One arena, and the engine's blocks out of it instead of a mapping each,
 * spare a fifth of the kernel's time; what is free above 32 MB is handed back.
 */
const givesBack = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: String(4 * 1024 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(32 * 1024 * 1024),
} as const;

class Worker {
  readonly #options: PoolOptions;
  readonly #lane: number;
  #child: ChildProcess | null = null;

  constructor(options: PoolOptions, lane: number) {
    this.#options = options;
    this.#lane = lane;
  }

  /** Null when the process ended, or was ended, before it answered. @throws Error what the worker says went wrong. */
  async stage(batch: Batch): Promise<Staged | null> {
    const child = this.#child ?? (await this.#start());
    return new Promise((resolve, reject) => {
      const seconds = this.#options.batchSecondsMax ?? 300;
      const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1_000);
      const settle = (): void => {
        clearTimeout(timer);
        child.off("message", answered);
        child.off("exit", ended);
      };
      const answered = (message: { staged?: Staged; fault?: string }): void => {
        settle();
        if (message.staged === undefined) reject(new Error(message.fault ?? "an ingest worker gave no answer"));
        else resolve(message.staged);
      };
      const ended = (): void => {
        settle();
        this.#child = null;
        resolve(null);
      };
      child.on("message", answered);
      child.on("exit", ended);
      child.send(batch);
    });
  }

  end(): void {
    this.#child?.disconnect();
    this.#child = null;
  }

  #start(): Promise<ChildProcess> {
    const { where, events, staging, worker } = this.#options;
    const own = path.join(staging, `worker-${this.#lane}`);
    const child = fork(worker, [where, events, own], {
      env: { ...workerEnvironment(), ...givesBack },
      execArgv: ["--max-semi-space-size=2"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child = child;
    return new Promise((resolve, reject) => {
      child.once("message", () => resolve(child));
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`an ingest worker ended at its start (${code})`)));
    });
  }
}
