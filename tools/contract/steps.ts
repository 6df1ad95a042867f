/** One thing that was to be proven, and how it ended. */
export interface Step {
  readonly name: string;
  readonly proves: string;
  readonly result: "passed" | "failed" | "not run";
  /** What was seen, why it failed, why it was not run. */
  readonly words: string;
  readonly findings: readonly string[];
  readonly seconds: number;
}

/** The world outside the command, handed in so that a test can hold the clock. */
export interface Outside {
  readonly now: () => Date;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly say: (line: string) => void;
  /** Ctrl-C: what runs is given up, and cleaned away. */
  readonly signal: AbortSignal;
}

/** What must hold does not. The sentence stands in the report. */
export class Failed extends Error {
  readonly findings: readonly string[];

  constructor(sentence: string, findings: readonly string[] = []) {
    super(sentence);
    this.name = "Failed";
    this.findings = findings;
  }
}

/** Runs steps one after another and keeps how each ended. */
export class Steps {
  readonly #done: Step[] = [];
  readonly #outside: Pick<Outside, "say" | "signal">;

  constructor(outside: Pick<Outside, "say" | "signal">) {
    this.#outside = outside;
  }

  get done(): readonly Step[] {
    return this.#done;
  }

  /** @returns whether it passed. What it saw stands in the report. @throws when the run is given up. */
  async step(name: string, proves: string, work: () => Promise<string>): Promise<boolean> {
    this.#outside.signal.throwIfAborted();
    return this.#run({ name, proves }, work, () => this.#outside.signal.throwIfAborted());
  }

  /** A step that is done however the run ends. */
  async always(name: string, proves: string, work: () => Promise<string>): Promise<boolean> {
    return this.#run({ name, proves }, work, () => undefined);
  }

  async #run(
    { name, proves }: Pick<Step, "name" | "proves">,
    work: () => Promise<string>,
    failing: () => void,
  ): Promise<boolean> {
    const began = performance.now();
    const ended = (result: Step["result"], words: string, findings: readonly string[] = []): boolean =>
      this.#end({ name, proves, result, words, findings, seconds: (performance.now() - began) / 1_000 });
    try {
      return ended("passed", await work());
    } catch (error) {
      failing();
      return ended("failed", sentenceOf(error), error instanceof Failed ? error.findings : []);
    }
  }

  /** Never counted as passed. */
  skip(name: string, proves: string, why: string): boolean {
    return this.#end({ name, proves, result: "not run", words: why, findings: [], seconds: 0 });
  }

  #end(step: Step): boolean {
    this.#done.push(step);
    const { result, name, words, seconds } = step;
    this.#outside.say(`${marks[result]} ${name} (${seconds.toFixed(1)} s)${words === "" ? "" : `: ${words}`}`);
    return result === "passed";
  }
}

const marks = { passed: "ok  ", failed: "FAIL", "not run": "-   " } as const;

export function sentenceOf(error: unknown): string {
  if (error instanceof Failed) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Tries again while it fails: IAM makes what is new known within seconds. @throws what it threw last. */
export async function settled<T>(
  { wait, now, signal }: Outside,
  work: () => Promise<T>,
  { seconds = 90, retries = () => true }: { seconds?: number; retries?: (error: unknown) => boolean } = {},
): Promise<T> {
  const until = now().getTime() + seconds * 1_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (now().getTime() > until || !retries(error)) throw error;
      await wait(2_000);
    }
  }
}
