import { text } from "node:stream/consumers";
import { z } from "zod";
import { Refusal } from "#/core/refusal.ts";
import { openDuckdb } from "./duckdb.ts";
import { expectAllowed } from "./sql-allowed.ts";

/** Hand-written SQL, in a process of its own: what it may read lies in these folders, and the parent may kill it. */
const Job = z.strictObject({
  sql: z.string(),
  rowsMax: z.int(),
  memory: z.string(),
  folder: z.string(),
  /** Folders that may be read. */
  reads: z.array(z.string()),
  /** Views in the order in which they are made: name and SELECT. */
  views: z.array(z.tuple([z.string(), z.string()])),
});

async function answer(): Promise<unknown> {
  const job = Job.parse(JSON.parse(await text(process.stdin)));
  const engine = await openDuckdb({ threads: 1, memory: job.memory, temporary: job.folder });
  const connection = await engine.connect();
  const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;
  // In this order: what is locked last stays as it is.
  await connection.run(`set allowed_directories = [${[job.folder, ...job.reads].map(literal).join(", ")}]`);
  for (const [name, select] of job.views) await connection.run(`create view "${name}" as ${select}`);
  await connection.run("set enable_external_access = false; set lock_configuration = true");
  const [parsed] = await connection.rows("select json_serialize_sql(cast($sql as varchar)) as tree", { sql: job.sql });
  expectAllowed(String(parsed?.["tree"]));
  return connection.answer(`select * from (${job.sql.replace(/;\s*$/, "")}\n) as asked limit ${job.rowsMax}`);
}

/** DuckDB's own word on a statement helps who wrote it; what it may quote is of the same viewer's rows. */
const problemOf = (error: unknown): object =>
  error instanceof Refusal
    ? { refused: error.message, ...(error.help === undefined ? {} : { help: error.help }) }
    : { failed: error instanceof Error ? error.message : String(error) };

process.stdout.write(JSON.stringify(await answer().catch(problemOf)));
