import { openSource } from "../sources/open.ts";
import type { Answer } from "./pool.ts";
import { type Batch, openStageEngine, Stage } from "./stage.ts";

/**
 * The ingest worker: a process of its own, so that a hostile file can cost at most itself. It is told where to read and
 * write, and how many batches beside each other, by its arguments; batches come over its channel.
 */
// Plain words: a parser of shapes takes a tenth of a second to load.
const [, , where = "", events = "", staging = "", lanes = "1"] = process.argv;
const folders = { events, staging };
const source = await openSource(where);
const engine = await openStageEngine(folders, Number(lanes));
const free: Stage[] = [];
for (let lane = 0; lane < Number(lanes); lane += 1) free.push(await Stage.open({ source, folders, engine, lane }));

process.on("message", (batch: Batch) => {
  const stage = free.pop();
  if (stage === undefined) return tell({ batch: batch.id, fault: "more batches at once than lanes" });
  const answer = (told: Omit<Answer, "batch">): void => {
    free.push(stage);
    tell({ batch: batch.id, ...told });
  };
  stage.batch(batch).then(
    (staged) => answer({ staged }),
    (error: unknown) => answer({ fault: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
tell("ready");

/** Who asked may be gone: then so are we. */
function tell(message: Answer | "ready"): void {
  if (process.connected) process.send?.(message);
}
