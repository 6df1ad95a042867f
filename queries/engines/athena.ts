import { setTimeout as wait } from "node:timers/promises";
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  TooManyRequestsException,
} from "@aws-sdk/client-athena";
import { Refusal, type SpentCost } from "#/core/refusal.ts";
import { type AthenaColumn, rowOf } from "./athena-rows.ts";
import type { Row } from "./duckdb.ts";

export interface AthenaPlace {
  /** Glue database of the facts. */
  readonly database: string;
  /** Its workgroup: where results go, and the bytes at which a query is cut off. */
  readonly workgroup: string;
  /** Queries that run at once. The account's quota of DML is 20 in small Regions, for all that ask. */
  readonly atOnce?: number;
  /** First pause between two looks at a query's state; each next one is half as long again, up to two seconds. */
  readonly firstLookMilliseconds?: number;
  /** As whom it is asked, where that is another than the function itself. */
  readonly as?: { readonly region: string; readonly credentials: () => Promise<AthenaIdentity> };
}

interface AthenaIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export interface AthenaQuery {
  readonly sql: string;
  /** One SQL literal for each `?`, in order (athena-text.ts). */
  readonly values?: readonly string[];
  readonly seconds: number;
  /** How old a result of the very same text may be; none unless told. Reused results are free. */
  readonly reuseMinutes?: number;
}

export interface AthenaResult {
  readonly rows: Row[];
  /** Names and types, of a SELECT. */
  readonly columns?: readonly AthenaColumn[];
  /** Rows that an INSERT wrote; Athena's API promises no count of a MERGE or DELETE. */
  readonly updated: number;
  readonly cost: SpentCost;
}

/** What the facts and the questions need of Athena. */
export interface Asker {
  readonly database: string;
  query(query: AthenaQuery, signal?: AbortSignal): Promise<AthenaResult>;
}

/** $5 per TB scanned, in whole megabytes and at least ten (facts: cost). A Region that asks more is not known here. */
export function dollarsOf(bytes: number, isFree = false): number {
  if (isFree) return 0;
  const megabytes = Math.max(10, Math.ceil(bytes / 1_000_000));
  return (megabytes * 5) / 1_000_000;
}

/** Athena as the product uses it: so many queries at once, each looked after until it ends, each with its price. */
export class Athena implements Asker {
  readonly #client: AthenaClient;
  readonly #place: AthenaPlace;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** The ambient credentials and Region; AWS_ENDPOINT_URL_ATHENA points elsewhere. Throttled calls are tried again. */
  constructor(place: AthenaPlace, client: AthenaClient = new AthenaClient({ ...place.as, maxAttempts: 8 })) {
    this.#place = place;
    this.#client = client;
  }

  get database(): string {
    return this.#place.database;
  }

  /** @throws Refusal `trail.timeout`, `trail.cut-off`, `trail.busy` · AthenaFailed, with the query's id and cost. */
  async query(query: AthenaQuery, signal?: AbortSignal): Promise<AthenaResult> {
    const late = AbortSignal.timeout(query.seconds * 1_000);
    const stop = signal === undefined ? late : AbortSignal.any([late, signal]);
    await this.#turn();
    try {
      if (late.aborted) throw busy();
      for (let tries = 1; ; tries += 1) {
        const done = await this.#ended(query, stop, signal);
        if (done.Status?.State === "SUCCEEDED") return await this.#result(done);
        // Athena says itself when the same text may pass a second time: an error of its own, or two writers at once.
        if (tries < triesMax && done.Status?.AthenaError?.Retryable === true) continue;
        throw failureOf(done);
      }
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= (this.#place.atOnce ?? 10)) await new Promise<void>((go) => this.#waiting.push(go));
    this.#running += 1;
  }

  /** Starts the query and looks after it until it ended, or stops it. */
  async #ended(query: AthenaQuery, stop: AbortSignal, given: AbortSignal | undefined): Promise<QueryExecution> {
    given?.throwIfAborted();
    const id = await this.#start(query);
    let pause = this.#place.firstLookMilliseconds ?? 150;
    for (;;) {
      const execution = await this.#look(id);
      if (["SUCCEEDED", "FAILED", "CANCELLED"].includes(execution.Status?.State ?? "")) return execution;
      await wait(pause, undefined, { signal: stop }).catch(() => undefined);
      if (stop.aborted) return this.#stopped(id, query, given);
      pause = Math.min(pause * 1.5, pauseMax);
    }
  }

  async #start({ sql, values = [], reuseMinutes = 0 }: AthenaQuery): Promise<string> {
    const reuse = { ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: reuseMinutes } };
    try {
      const { QueryExecutionId } = await this.#client.send(
        new StartQueryExecutionCommand({
          QueryString: sql,
          QueryExecutionContext: { Catalog: "AwsDataCatalog", Database: this.#place.database },
          WorkGroup: this.#place.workgroup,
          ...(values.length === 0 ? {} : { ExecutionParameters: [...values] }),
          ...(reuseMinutes === 0 ? {} : { ResultReuseConfiguration: reuse }),
        }),
      );
      if (QueryExecutionId === undefined) throw new Error("Athena started a query without an id.");
      return QueryExecutionId;
    } catch (error) {
      throw error instanceof TooManyRequestsException ? busy() : error;
    }
  }

  async #look(id: string): Promise<QueryExecution> {
    const { QueryExecution } = await this.#client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
    if (QueryExecution === undefined) throw new Error(`Athena does not know its own query ${id}.`);
    return QueryExecution;
  }

  /** Ends the query at AWS, where it would go on and cost. A query that ended meanwhile is as if never stopped. */
  async #stopped(id: string, { seconds }: AthenaQuery, given: AbortSignal | undefined): Promise<QueryExecution> {
    await this.#client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
    const execution = await this.#look(id);
    if (execution.Status?.State === "SUCCEEDED" && given?.aborted !== true) return execution;
    given?.throwIfAborted();
    throw new Refusal("trail.timeout", `The question took more than ${seconds} seconds and was stopped.`, {
      help: "Choose a shorter time, one account or one role.",
      cost: costOf(execution),
    });
  }

  async #result(execution: QueryExecution): Promise<AthenaResult> {
    const cost = costOf(execution);
    const rows: Row[] = [];
    let columns: AthenaColumn[] = [];
    let updated = 0;
    let next: string | undefined;
    do {
      const page = await this.#client.send(
        new GetQueryResultsCommand({
          QueryExecutionId: execution.QueryExecutionId,
          MaxResults: pageRows,
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      );
      const isFirst = next === undefined;
      columns = (page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(columnOf);
      updated = page.UpdateCount ?? updated;
      const found = (page.ResultSet?.Rows ?? []).map(({ Data }) => (Data ?? []).map((datum) => datum.VarCharValue));
      // The first row of a SELECT's first page is its column names.
      const isNamed = isFirst && columns.length > 0 && columns.every(({ name }, at) => found[0]?.[at] === name);
      for (const values of isNamed ? found.slice(1) : found) rows.push(rowOf(columns, values));
      next = page.NextToken;
    } while (next !== undefined);
    return { rows, columns, updated, cost };
  }
}

const triesMax = 3;
const pauseMax = 2_000;
/** The most that one page holds. */
const pageRows = 1_000;

const busy = (): Refusal =>
  new Refusal("trail.busy", "As many questions run in this AWS account as may run at once.", {
    help: "Ask again in a minute. The quota is Athena's, of active DML queries; it can be raised.",
    cost: { bytes: 0, dollars: 0, query_id: null },
  });

/** A query that Athena ended. What it says may quote data: it is for the log, never for a page. */
export class AthenaFailed extends Error {
  readonly cost: SpentCost;

  constructor(reason: string, cost: SpentCost) {
    super(`Athena ended query ${cost.query_id}, ${cost.bytes} bytes read, $${cost.dollars.toFixed(6)}: ${reason}`);
    this.name = "AthenaFailed";
    this.cost = cost;
  }
}

function failureOf(execution: QueryExecution): Error {
  const reason =
    execution.Status?.StateChangeReason ?? execution.Status?.AthenaError?.ErrorMessage ?? "no reason given";
  const cost = costOf(execution);
  // The workgroup's bytes cut-off always cancels (facts: workgroup); what was scanned until then is paid.
  if (!/bytes scanned (limit|cutoff)/i.test(reason)) return new AthenaFailed(reason, cost);
  return new Refusal("trail.cut-off", "The question would read more of the trail than one question may.", {
    help: "Choose a shorter time, one account or one role; the limit is the Athena workgroup's.",
    cost,
  });
}

function costOf({ QueryExecutionId, Statistics, Status }: QueryExecution): SpentCost {
  const bytes = Statistics?.DataScannedInBytes ?? 0;
  // Failed queries and reused results are free; cancelled ones pay for what they scanned.
  const reused = Statistics?.ResultReuseInformation?.ReusedPreviousResult === true;
  const isFree = reused || Status?.State === "FAILED" || (Status?.State === "CANCELLED" && bytes === 0);
  return { bytes, dollars: dollarsOf(bytes, isFree), query_id: QueryExecutionId ?? null };
}

const columnOf = ({ Name, Type }: { Name?: string | undefined; Type?: string | undefined }): AthenaColumn => ({
  name: Name ?? "",
  type: Type ?? "",
});
