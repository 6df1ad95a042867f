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
  /** Batches beside each other. */
  readonly lanes?: number;
  /** A batch takes a second; one that takes this long is stuck. */
  readonly batchSecondsMax?: number;
}

/** Where `node tools/build.mjs` puts the worker: beside the bundle that asks. Null when run from source. */
export function builtWorker(): string | null {
  const beside = path.join(path.dirname(fileURLToPath(import.meta.url)), "ingest.mjs");
  return existsSync(beside) ? beside : null;
}

/**
 * Stages batches in a process of its own, as many beside each other as there are cores, four at most. Yields in order of
 * completion. One process and not one a core: it has one engine's memory, and half of it is the engine itself.
 */
export async function* stageInWorker(options: PoolOptions, batches: readonly Batch[]): AsyncGenerator<Staged> {
  const lanes = Math.min(options.lanes ?? availableParallelism(), 4, batches.length);
  const worker = new Worker(options, lanes);
  try {
    const lost = yield* inLanes(worker, lanes, batches);
    for (const batch of lost) yield await alone(worker, batch);
  } finally {
    worker.end();
  }
}

/** @returns the batches that were under way when the worker ended: which of them ended it, nobody knows. */
async function* inLanes(worker: Worker, lanes: number, batches: readonly Batch[]): AsyncGenerator<Staged, Batch[]> {
  const queue = [...batches];
  const lost: Batch[] = [];
  const underWay = new Map<string, Promise<{ batch: Batch; staged: Staged | null }>>();
  for (;;) {
    for (const batch of queue.splice(0, lanes - underWay.size))
      underWay.set(
        batch.id,
        worker.stage(batch).then((staged) => ({ batch, staged })),
      );
    if (underWay.size === 0) return lost;
    const { batch, staged } = await Promise.race(underWay.values());
    underWay.delete(batch.id);
    if (staged === null) lost.push(batch);
    else yield staged;
  }
}

/** A batch that ends the worker by itself is tried file by file; a file that does so is unreadable, and the rest loads. */
async function alone(worker: Worker, batch: Batch): Promise<Staged> {
  const staged = await worker.stage(batch);
  if (staged !== null) return staged;
  if (batch.keys.length > 1) {
    const singles: Staged[] = [];
    for (const [number, key] of batch.keys.entries())
      singles.push(await alone(worker, { id: `${batch.id}-${number}`, keys: [key] }));
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

/** What the worker says of a batch. */
export interface Answer {
  readonly batch: string;
  readonly staged?: Staged;
  readonly fault?: string;
}

/**
 * The worker allocates and frees a batch at a time. An arena a lane, and the engine's blocks out of it instead of a
 * mapping each, spare a fifth of the kernel's time; what is free above 32 MB is handed back.
 */
const givesBack = {
  MALLOC_MMAP_THRESHOLD_: String(4 * 1024 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(32 * 1024 * 1024),
};

class Worker {
  readonly #options: PoolOptions;
  readonly #lanes: number;
  #child: Promise<ChildProcess> | null = null;

  constructor(options: PoolOptions, lanes: number) {
    this.#options = options;
    this.#lanes = lanes;
  }

  /** Null when the process ended, or was ended, before it answered. @throws Error what the worker says went wrong. */
  async stage(batch: Batch): Promise<Staged | null> {
    this.#child ??= this.#start();
    const child = await this.#child;
    return new Promise((resolve, reject) => {
      const seconds = this.#options.batchSecondsMax ?? 300;
      const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1_000);
      const settle = (): void => {
        clearTimeout(timer);
        child.off("message", answered);
        child.off("exit", ended);
      };
      const answered = (answer: Answer): void => {
        if (answer.batch !== batch.id) return;
        settle();
        if (answer.staged === undefined) reject(new Error(answer.fault ?? "the ingest worker gave no answer"));
        else resolve(answer.staged);
      };
      const ended = (): void => {
        settle();
        resolve(null);
      };
      child.on("message", answered);
      child.on("exit", ended);
      if (child.exitCode !== null || child.signalCode !== null) ended();
      // One that is ending hears nothing; that it ends is the answer.
      else child.send(batch, () => undefined);
    });
  }

  end(): void {
    this.#child?.then(
      (child) => child.disconnect(),
      () => undefined,
    );
    this.#child = null;
  }

  #start(): Promise<ChildProcess> {
    const { where, events, staging, worker } = this.#options;
    const child = fork(worker, [where, events, path.join(staging, "worker"), String(this.#lanes)], {
      // A thread of the pool for each lane: what one has freed another would not take.
      env: {
        ...workerEnvironment(),
        ...givesBack,
        MALLOC_ARENA_MAX: String(this.#lanes + 1),
        UV_THREADPOOL_SIZE: String(this.#lanes),
      },
      // What is unpacked dies young. Marking all that lives, each time some of it came, cost a tenth of the time.
      execArgv: ["--max-semi-space-size=2", "--no-incremental-marking"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.once("exit", () => {
      this.#child = null;
    });
    return new Promise((resolve, reject) => {
      child.once("message", () => resolve(child));
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the ingest worker ended at its start (${code})`)));
    });
  }
}
