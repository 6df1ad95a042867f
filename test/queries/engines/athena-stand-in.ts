import http from "node:http";
import type { AddressInfo } from "node:net";
import { AthenaClient } from "@aws-sdk/client-athena";
import { z } from "zod";
import type { Connection, Duckdb } from "#/queries/engines/duckdb.ts";

/** An HTTP server that speaks Athena's protocol (AWS JSON 1.1) to the real client, over a DuckDB that has the facts. */
export interface AthenaStandIn {
  readonly client: AthenaClient;
  /** For clients of another process: AWS_ENDPOINT_URL_ATHENA. */
  readonly url: string;
  /** What StartQueryExecution was sent, oldest first. */
  readonly started: readonly Started[];
  /** Ids that StopQueryExecution was sent. */
  readonly stopped: readonly string[];
  /** Most queries that ran at once. */
  readonly atOnce: () => number;
  /** Calls of one operation. */
  readonly calls: (operation: string) => number;
  /** How the next queries go; each is for one of them. */
  readonly next: (...fates: readonly Fate[]) => void;
  /** The next calls are answered as AWS throttles. */
  readonly throttle: (operation: string, times: number) => void;
  /** The workgroup's BytesScannedCutoffPerQuery. */
  cutOff: number;
  close(): Promise<void>;
}

export interface Fate {
  /** Looks until it ends; the first says QUEUED, the others RUNNING. */
  readonly looks?: number;
  readonly bytes?: number;
  readonly fails?: { readonly reason: string; readonly retryable: boolean };
}

const Start = z.object({
  QueryString: z.string(),
  ExecutionParameters: z.array(z.string().min(1).max(1024)).min(1).optional(),
  ClientRequestToken: z.string(),
  WorkGroup: z.string(),
  QueryExecutionContext: z.object({ Database: z.string(), Catalog: z.string() }).optional(),
  ResultReuseConfiguration: z
    .object({ ResultReuseByAgeConfiguration: z.object({ Enabled: z.boolean(), MaxAgeInMinutes: z.number() }) })
    .optional(),
});
export type Started = z.infer<typeof Start>;
const ById = z.object({
  QueryExecutionId: z.string(),
  MaxResults: z.number().max(1000).optional(),
  NextToken: z.string().optional(),
});

interface Query {
  readonly fate: Fate;
  readonly reused: boolean;
  readonly columns: { Name: string; Type: string }[];
  readonly rows: (string | undefined)[][];
  /** Rows that an INSERT wrote; null of all else, for the API promises no count of a MERGE. */
  readonly updated: number | null;
  readonly problem: string | null;
  looks: number;
  state: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  reason: string | undefined;
}

/** What a stand-in takes beside questions: DDL, workgroups. */
export interface More {
  /** What DuckDB is to run for a text that is Athena's alone. @throws what Athena would say. */
  readonly translate?: (sql: string) => Promise<string>;
  /** Answers of other operations; undefined for one that is not known. */
  readonly operation?: (name: string, input: unknown) => unknown;
  /** Looks until a query ends, unless told. */
  readonly looks?: number;
}

export async function startAthena(engine: Duckdb, database = "trail", more: More = {}): Promise<AthenaStandIn> {
  const connection = await engine.connect();
  await qualify(connection, database);
  const server = new StandIn(connection, more);
  const listener = http.createServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      const operation = String(request.headers["x-amz-target"]).replace("AmazonAthena.", "");
      const { code, answer } = await server.answer(operation, JSON.parse(body));
      response.writeHead(code, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  const client = new AthenaClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "eu-west-1",
    credentials: { accessKeyId: "AKIAEXAMPLEEXAMPLE00", secretAccessKey: "secret" },
    maxAttempts: 3,
  });
  return Object.assign(server, {
    client,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      client.destroy();
      connection.close();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  });
}

/** Facts are also found under the database's name, as Athena knows them. */
async function qualify(connection: Connection, database: string): Promise<void> {
  const tables = await connection.rows(
    "select table_name as name from information_schema.tables where table_schema = 'main' and table_catalog = current_database()",
  );
  const views = tables.map(({ name }) => `create or replace view ${database}."${name}" as from main."${name}";`);
  await connection.run(`create schema if not exists ${database}; ${views.join("\n")}`);
}

class StandIn {
  readonly #connection: Connection;
  readonly #more: More;
  readonly #queries = new Map<string, Query>();
  readonly #byToken = new Map<string, string>();
  readonly #kept = new Map<string, Pick<Query, "columns" | "rows" | "updated">>();
  readonly #throttled = new Map<string, number>();
  readonly #counted = new Map<string, number>();
  readonly #fates: Fate[] = [];
  #atOnce = 0;
  readonly started: Started[] = [];
  readonly stopped: string[] = [];
  cutOff = Number.POSITIVE_INFINITY;

  constructor(connection: Connection, more: More) {
    this.#connection = connection;
    this.#more = more;
  }

  atOnce = (): number => this.#atOnce;
  calls = (operation: string): number => this.#counted.get(operation) ?? 0;
  next = (...fates: readonly Fate[]): void => void this.#fates.push(...fates);
  throttle = (operation: string, times: number): void => void this.#throttled.set(operation, times);

  async answer(operation: string, input: unknown): Promise<{ code: number; answer: unknown }> {
    this.#counted.set(operation, this.calls(operation) + 1);
    const throttled = this.#throttled.get(operation) ?? 0;
    if (throttled > 0) {
      this.#throttled.set(operation, throttled - 1);
      const kind = operation === "StartQueryExecution" ? "TooManyRequestsException" : "ThrottlingException";
      return {
        code: 400,
        answer: { __type: kind, Message: "Rate exceeded", Reason: "CONCURRENT_QUERY_LIMIT_EXCEEDED" },
      };
    }
    const other = this.#more.operation?.(operation, input);
    if (other !== undefined) return { code: "__type" in Object(other) ? 400 : 200, answer: other };
    if (operation === "StartQueryExecution") return { code: 200, answer: await this.#start(Start.parse(input)) };
    const { QueryExecutionId: id, MaxResults, NextToken } = ById.parse(input);
    const query = this.#queries.get(id);
    if (query === undefined)
      return { code: 400, answer: { __type: "InvalidRequestException", Message: `${id} not found` } };
    if (operation === "StopQueryExecution") return { code: 200, answer: this.#stop(id, query) };
    if (operation === "GetQueryExecution") return { code: 200, answer: this.#look(id, query) };
    if (query.state !== "SUCCEEDED")
      return { code: 400, answer: { __type: "InvalidRequestException", Message: `Query has not yet finished` } };
    return { code: 200, answer: page(query, MaxResults ?? 1000, Number(NextToken ?? 0)) };
  }

  async #start(input: Started): Promise<unknown> {
    const known = this.#byToken.get(input.ClientRequestToken);
    if (known !== undefined) return { QueryExecutionId: known };
    this.started.push(input);
    const id = `00000000-0000-4000-8000-${String(this.started.length).padStart(12, "0")}`;
    this.#byToken.set(input.ClientRequestToken, id);
    const key = JSON.stringify([input.QueryString, input.ExecutionParameters]);
    const reuse = input.ResultReuseConfiguration?.ResultReuseByAgeConfiguration.Enabled === true;
    const kept = reuse ? this.#kept.get(key) : undefined;
    const found: Found = kept === undefined ? await this.#run(input) : { ...kept, problem: null };
    const { problem } = found;
    if (problem === null) this.#kept.set(key, found);
    const fate = this.#fates.shift() ?? {};
    this.#queries.set(id, {
      ...found,
      fate,
      reused: kept !== undefined,
      looks: 0,
      state: "QUEUED",
      reason: undefined,
    });
    this.#atOnce = Math.max(this.#atOnce, [...this.#queries.values()].filter(isActive).length);
    return { QueryExecutionId: id };
  }

  /** Each `?` is the next literal, in order. */
  async #run({ QueryString, ExecutionParameters = [] }: Started): Promise<Found> {
    const values = [...ExecutionParameters];
    const sql = QueryString.replace(/--[^\n]*|'(?:[^']|'')*'|\?/g, (token) =>
      token === "?" ? (values.shift() ?? "?") : token,
    );
    try {
      const translated = (await this.#more.translate?.(sql)) ?? sql;
      const { columns, rows } = await this.#connection.answer(translated);
      const [verb] = /^\s*(insert|merge|delete|update)\b/i.exec(sql) ?? [];
      const updated = verb?.trim().toLowerCase() === "insert" ? Number(rows[0]?.["Count"] ?? 0) : null;
      if (verb !== undefined) return { columns: [], rows: [], updated, problem: null };
      const types = columns.map(({ name, type }) => ({ Name: name, Type: athenaTypes[type] ?? type.toLowerCase() }));
      return {
        columns: types,
        rows: rows.map((row) => types.map(({ Name, Type }) => textOf(Type, row[Name]))),
        updated: null,
        problem: null,
      };
    } catch (error) {
      return { columns: [], rows: [], updated: null, problem: error instanceof Error ? error.message : String(error) };
    }
  }

  #look(id: string, query: Query): unknown {
    query.looks += 1;
    const { looks = this.#more.looks ?? 2, fails } = query.fate;
    if (isActive(query)) {
      query.state = query.looks === 1 ? "QUEUED" : "RUNNING";
      if (this.#bytesOf(query) > this.cutOff) {
        query.state = "CANCELLED";
        query.reason = "Query cancelled! : Bytes scanned limit was exceeded";
      } else if (query.looks > looks) {
        query.reason = fails?.reason ?? query.problem ?? undefined;
        query.state = query.reason === undefined ? "SUCCEEDED" : "FAILED";
      }
    }
    return {
      QueryExecution: {
        QueryExecutionId: id,
        Status: {
          State: query.state,
          StateChangeReason: query.reason,
          ...(query.state === "FAILED"
            ? { AthenaError: { ErrorCategory: 1, Retryable: fails?.retryable ?? false, ErrorMessage: query.reason } }
            : {}),
        },
        Statistics: {
          DataScannedInBytes: query.reused ? 0 : this.#bytesOf(query),
          ResultReuseInformation: { ReusedPreviousResult: query.reused },
        },
      },
    };
  }

  #stop(id: string, query: Query): unknown {
    this.stopped.push(id);
    if (isActive(query)) {
      query.state = "CANCELLED";
      query.reason = "Query cancelled by user";
    }
    return {};
  }

  #bytesOf = ({ fate }: Query): number => fate.bytes ?? 25_000_000;
}

type Found = Pick<Query, "columns" | "rows" | "updated" | "problem">;

const isActive = ({ state }: Query): boolean => state === "QUEUED" || state === "RUNNING";

const athenaTypes: Readonly<Record<string, string>> = {
  VARCHAR: "varchar",
  JSON: "varchar",
  BIGINT: "bigint",
  HUGEINT: "bigint",
  INTEGER: "integer",
  DOUBLE: "double",
  BOOLEAN: "boolean",
  DATE: "date",
  TIMESTAMP: "timestamp",
};

function textOf(type: string, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (type !== "timestamp") return String(value);
  const [, time, fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(String(value)) ?? [];
  return `${String(time).replace("T", " ")}.${fraction.padEnd(6, "0")}`;
}

/** Column names are the first row, as of every SELECT. */
function page({ columns, rows, updated }: Query, size: number, from: number): unknown {
  if (updated !== null) return { UpdateCount: updated, ResultSet: { ResultSetMetadata: { ColumnInfo: [] }, Rows: [] } };
  const all = [columns.map(({ Name }) => Name), ...rows];
  const some = all.slice(from, from + size);
  return {
    ...(from + size < all.length ? { NextToken: String(from + size) } : {}),
    ResultSet: {
      ResultSetMetadata: { ColumnInfo: columns },
      Rows: some.map((row) => ({ Data: row.map((text) => (text === undefined ? {} : { VarCharValue: text })) })),
    },
  };
}

async function bodyOf(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
