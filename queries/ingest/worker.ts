import { openSource } from "../sources/open.ts";
import { type Batch, Stage } from "./stage.ts";

/**
 * An ingest worker: a process of its own, so that a hostile file can cost at most itself, and no memory is shared.
 * It is told where to read and write by its arguments, and gets one batch at a time over its channel.
 */
// Plain words: a parser of shapes takes a tenth of a second to load, in every worker.
const [, , where = "", events = "", staging = ""] = process.argv;
const stage = await Stage.open(await openSource(where), { events, staging });

process.on("message", (batch: Batch) => {
  stage.batch(batch).then(
    (staged) => tell({ staged }),
    (error: unknown) => tell({ fault: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
tell({ ready: true });

/** Who asked may be gone: then so are we. */
function tell(message: object): void {
  if (process.connected) process.send?.(message);
}
