import { Refusal } from "#/core/refusal.ts";
import type { Answer, AskRequest } from "#/core/wire.ts";
import { type Field, isQuestion, type Question, questions } from "./catalogue.ts";
import type { Connection, Duckdb, Params } from "./engines/duckdb.ts";
import { placeholders } from "./placeholders.ts";
import { limitsOf, limitTo, mayAsk, type Viewer } from "./viewer.ts";

/** The trail as it is asked: its engine, and a number that changes with its content. */
export interface AskedTrail {
  readonly engine: Duckdb;
  readonly watermark: () => number;
  /** What a question could read at most, in bytes: the facts, and the events' parts. */
  readonly bytes: () => { readonly facts: number; readonly events: number };
}

/** A page's panel shows at most this many rows; more is a refusal, never a silent cut. */
const panelRowsMax = 2_000;
const secondsMax = { panel: 20, whole: 300 };
const cachedMax = 400;
const atOnceMax = 4;
const pageDays = 30;

/** Answers the catalogue's questions over one trail, each under its viewer's limits. */
export class Desk {
  readonly #trail: AskedTrail;
  readonly #cache = new Map<string, Answer>();
  readonly #idle = new Map<string, Connection[]>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(trail: AskedTrail) {
    this.#trail = trail;
  }

  /** @throws Refusal `question.unknown`, `question.params`, `trail.too-big`, `trail.timeout`. */
  async ask(viewer: Viewer, request: AskRequest): Promise<Answer> {
    const name = request.question;
    const question = isQuestion(name) ? questions[name] : undefined;
    if (question === undefined || !mayAsk(viewer, question)) throw unknown(name);
    const params = paramsOf(question, request.params);
    const started = performance.now();
    const key = JSON.stringify([name, request.whole, params, this.#trail.watermark(), limitsOf(viewer)]);
    const known = this.#cache.get(key);
    const answer = known ?? (await this.#run(viewer, { name, question, params, whole: request.whole }));
    this.#remember(key, answer);
    return { ...answer, milliseconds: performance.now() - started, cached: known !== undefined };
  }

  async #run(viewer: Viewer, asked: Asked): Promise<Answer> {
    await this.#turn();
    try {
      return await this.#withConnection(viewer, (connection) => this.#answer(connection, asked));
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= atOnceMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }

  /** Connections serve one set of limits, and none is used again after something went wrong on it. */
  async #withConnection<T>(viewer: Viewer, use: (connection: Connection) => Promise<T>): Promise<T> {
    const limits = limitsOf(viewer);
    const idle = this.#idle.get(limits) ?? [];
    const connection = idle.pop() ?? (await this.#connect(viewer));
    try {
      const result = await use(connection);
      if (this.#idle.size < 50 || this.#idle.has(limits))
        this.#idle.set(limits, [...idle, connection].slice(-atOnceMax));
      else connection.close();
      return result;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #connect(viewer: Viewer): Promise<Connection> {
    const connection = await this.#trail.engine.connect();
    await limitTo(connection, viewer);
    return connection;
  }

  async #answer(connection: Connection, asked: Asked): Promise<Answer> {
    const standing = await standingOf(connection);
    const params = asked.whole ? asked.params : withPageWindow(asked, standing.newest);
    const { columns, rows } = await rowsOf(connection, asked, params);
    const { facts, events } = this.#trail.bytes();
    const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
    return {
      question: asked.name,
      columns,
      rows,
      complete_up_to: standing.newest,
      since: text(params["since"]),
      until: text(params["until"]),
      accounts: standing.accounts,
      events: standing.events,
      bytes: /\bevents\b/.test(asked.question.sql) ? facts + events : facts,
      milliseconds: 0,
      cached: false,
      sql: asked.question.sql,
    };
  }

  #remember(key: string, answer: Answer): void {
    if (answer.rows.length > panelRowsMax) return;
    this.#cache.delete(key);
    this.#cache.set(key, answer);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= cachedMax) break;
      this.#cache.delete(oldest);
    }
  }
}

interface Asked {
  readonly name: string;
  readonly question: Question;
  readonly params: Params;
  readonly whole: boolean;
}

/** @throws Refusal `trail.too-big`, `trail.timeout`. */
async function rowsOf(connection: Connection, asked: Asked, params: Params): Promise<Pick<Answer, "columns" | "rows">> {
  const { text, found } = placeholders(asked.question.sql, (name) => `$${name}`);
  const sql = asked.whole ? text : `select * from (${text}\n) limit ${panelRowsMax + 1}`;
  const bound = Object.fromEntries([...new Set(found)].map((name) => [name, forEngine(asked.question, name, params)]));
  const answer = await withinTime(connection, asked.whole ? secondsMax.whole : secondsMax.panel, () =>
    connection.answer(sql, bound),
  );
  if (!asked.whole && answer.rows.length > panelRowsMax)
    throw new Refusal("trail.too-big", `The answer has more than ${panelRowsMax} rows, which is what a page shows.`, {
      help: "Choose a shorter time, one account or one role; the CSV holds all rows.",
    });
  const lists = asked.question.columns.filter((column) => column.type === "json").map((column) => column.name);
  for (const row of answer.rows) for (const name of lists) row[name] = listOf(row[name]);
  return { columns: asked.question.columns.map(({ name, type }) => ({ name, type })), rows: answer.rows };
}

/** Lists are JSON text in SQL and arrays in answers. */
const listOf = (value: unknown): unknown => (typeof value === "string" ? JSON.parse(value) : value);

const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** The engine's `timestamp` has no zone: UTC is written without its Z. */
function forEngine(question: Question, name: string, params: Params): Params[string] {
  const value = params[name] ?? null;
  const isOfTime = question.params.some((param) => param.name === name && param.type === "timestamp");
  return isOfTime && typeof value === "string" ? value.slice(0, -1).replace("T", " ") : value;
}

async function withinTime<T>(connection: Connection, seconds: number, run: () => Promise<T>): Promise<T> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    connection.interrupt();
  }, seconds * 1_000);
  try {
    return await run();
  } catch (error) {
    if (!isLate) throw error;
    throw new Refusal("trail.timeout", `The question took more than ${seconds} seconds and was stopped.`, {
      help: "Choose a shorter time, one account or one role.",
    });
  } finally {
    clearTimeout(timer);
  }
}

interface Standing {
  readonly newest: string | null;
  readonly accounts: number;
  readonly events: number;
}

/** What this viewer's answer stands on. */
async function standingOf(connection: Connection): Promise<Standing> {
  const [row] = await connection.rows(
    "select max(last_event_at) as newest, count(distinct account) as accounts, sum(records) as events from coverage",
  );
  const newest = row?.["newest"];
  return {
    newest: typeof newest === "string" ? newest : null,
    accounts: Number(row?.["accounts"] ?? 0),
    events: Number(row?.["events"] ?? 0),
  };
}

/** A page that names no window looks at the 30 days before the newest event; null asks for all times. */
function withPageWindow({ question, params }: Asked, newest: string | null): Params {
  const takes = question.params.some((param) => param.name === "since");
  if (!takes || newest === null || "since" in params || "until" in params) return params;
  const since = new Date(Date.parse(newest) - pageDays * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z");
  return { ...params, since };
}

/** Each value as its type; null does not narrow. @throws Refusal `question.params`. */
export function paramsOf(question: Question, given: AskRequest["params"]): Params {
  const params: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(given)) {
    const field = question.params.find((param) => param.name === name);
    if (field === undefined)
      throw new Refusal("question.params", `${name} is no parameter of this question.`, { help: takesOf(question) });
    params[name] = value === null ? null : typed(field, value);
  }
  return params;
}

const takesOf = (question: Question): string =>
  question.params.length === 0
    ? "It takes none."
    : `It takes ${question.params.map(({ name, type }) => `${name} (${type})`).join(", ")}.`;

type Value = string | number | boolean;

function typed(field: Field, value: Value): Value {
  const { read, is, example } = readers[field.type];
  const text = String(value);
  const known = read(text);
  if (known !== null) return known;
  throw new Refusal("question.params", `${field.name}: ${text} is no ${is}.`, {
    help: `For example ${field.name}=${example}.`,
  });
}

const when = (text: string, form: RegExp): string | null =>
  form.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;
const finite = (text: string): number | null => (text !== "" && Number.isFinite(Number(text)) ? Number(text) : null);
const truths: Readonly<Record<string, boolean>> = { true: true, false: false };

type Reader = { read: (text: string) => Value | null; is: string; example: string };
// biome-ignore format: the columns are the point
const readers: Readonly<Record<Field["type"], Reader>> = {
  text:      { read: (text) => text,                                                   is: "text",          example: "text" },
  json:      { read: (text) => text,                                                   is: "JSON",          example: "[]" },
  bigint:    { read: (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : null),      is: "whole number",  example: "50" },
  double:    { read: finite,                                                           is: "number",        example: "0.5" },
  boolean:   { read: (text) => truths[text] ?? null,                                   is: "true or false", example: "true" },
  timestamp: { read: (text) => when(text, isTime),                                     is: "time",          example: "2026-11-21T09:30:00Z" },
  date:      { read: (text) => when(text, /^\d{4}-\d{2}-\d{2}$/),                      is: "date",          example: "2026-11-21" },
};

const unknown = (name: string): Refusal =>
  new Refusal("question.unknown", `${name} is not a question you may ask.`, {
    help: "See the menu under Trail, or docs/queries.md.",
  });
