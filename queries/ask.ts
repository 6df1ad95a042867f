import { Refusal } from "#/core/refusal.ts";
import { readTime } from "#/core/time.ts";
import type { Answer, AskRequest } from "#/core/wire.ts";
import { type Field, isQuestion, type Question, questions } from "./catalogue.ts";
import type { Params, Row } from "./engines/duckdb.ts";
import { type Engine, type Statement, sqlRowsMax } from "./engines/engine.ts";
import { limitsOf, mayAsk, seesAll, type Viewer } from "./viewer.ts";

/** A page's panel shows at most this many rows; more is a refusal, never a silent cut. */
const panelRowsMax = 2_000;
const secondsMax = { panel: 20, whole: 300 };
const cachedMax = 400;
const pageDays = 30;

/** Answers the catalogue's questions over one trail, each under its viewer's limits, on whichever engine has it. */
export class Desk {
  readonly #engine: Engine;
  readonly #cache = new Map<string, Answer>();
  readonly #standing = new Map<string, Promise<Standing>>();
  #watermark = "";

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @throws Refusal `question.unknown`, `question.params`, `trail.too-big`, and what the engine refuses. */
  async ask(viewer: Viewer, request: AskRequest, signal?: AbortSignal): Promise<Answer> {
    const name = request.question;
    const question = isQuestion(name) ? questions[name] : undefined;
    if (question === undefined || !mayAsk(viewer, question)) throw unknown(name);
    const params = paramsOf(question, request.params);
    const started = performance.now();
    const watermark = await this.#engine.watermark();
    const key = JSON.stringify([name, request.whole, params, watermark, limitsOf(viewer)]);
    const known = this.#cache.get(key);
    const asked = { name, question, params, whole: request.whole, viewer, watermark };
    const answer = known ?? (await this.#answer(asked, signal));
    this.#remember(key, answer);

    return {
      ...answer,
      ...(known === undefined ? {} : { dollars: 0 }),
      milliseconds: performance.now() - started,
      cached: known !== undefined,
    };
  }

  /**
   * Hand-written SQL as this viewer may see the facts. Nothing of it is kept.
   * @throws Refusal `sql.refused`, `trail.too-big`, and what the engine refuses.
   */
  async sql(viewer: Viewer, text: string): Promise<Answer> {
    const started = performance.now();
    const watermark = await this.#engine.watermark();
    const standing = await this.#standingOf({ viewer, watermark });
    const { columns, rows, cost } = await this.#engine.sql(text, viewer);
    if (rows.length > sqlRowsMax)
      throw new Refusal("trail.too-big", `The SQL has more than ${sqlRowsMax} rows.`, {
        help: "Group, or narrow it: a cut answer would look whole.",
        cost,
      });
    return {
      question: "sql",
      columns: [...columns],
      rows,
      complete_up_to: standing.newest,
      since: null,
      until: null,
      accounts: standing.accounts,
      events: standing.events,
      ...cost,
      milliseconds: performance.now() - started,
      cached: false,
      sql: text,
    };
  }

  async #answer(asked: Asked, signal: AbortSignal | undefined): Promise<Answer> {
    const standing = await this.#standingOf(asked);
    const params = asked.whole ? asked.params : withPageWindow(asked, standing.newest, this.#engine.roundsTo);
    const { rows, cost } = await this.#engine.run(statementOf(asked, params), signal);
    const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
    return {
      question: asked.name,
      columns: asked.question.columns.map(({ name, type }) => ({ name, type })),
      rows: checked(asked, rows),
      complete_up_to: standing.newest,
      since: text(params["since"]),
      until: text(params["until"]),
      accounts: standing.accounts,
      events: standing.events,
      ...cost,
      milliseconds: 0,
      cached: false,
      sql: asked.question.sql,
    };
  }

  /** What this viewer's answers stand on, asked once until the trail moves on. */
  #standingOf({ viewer, watermark }: Pick<Asked, "viewer" | "watermark">): Promise<Standing> {
    if (watermark !== this.#watermark) this.#standing.clear();
    this.#watermark = watermark;
    const limits = limitsOf(viewer);
    const known = this.#standing.get(limits);
    if (known !== undefined) return known;
    // Who sees no account sees their own sessions: those reach as far as the whole trail does, whose numbers are not theirs.
    const isOwnOnly = viewer.accounts?.length === 0;
    const asked = this.#engine
      .run({ ...standing, viewer: isOwnOnly ? seesAll : viewer })
      .then(({ rows }) => ({ ...standingIn(rows), ...(isOwnOnly ? { accounts: 0, events: 0 } : {}) }));
    this.#standing.set(limits, asked);
    asked.catch(() => this.#standing.delete(limits));
    return asked;
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
  readonly viewer: Viewer;
  readonly watermark: string;
}

const statementOf = ({ question, whole, viewer }: Asked, params: Params): Statement => ({
  sql: question.sql,
  params: Object.fromEntries(question.params.map(({ name }) => [name, forEngine(question, name, params)])),
  rowsMax: whole ? null : panelRowsMax + 1,
  seconds: whole ? secondsMax.whole : secondsMax.panel,
  viewer,
});

/** Lists are JSON text in SQL and arrays in answers. @throws Refusal `trail.too-big`. */
function checked({ question, whole }: Asked, rows: Row[]): Row[] {
  if (!whole && rows.length > panelRowsMax)
    throw new Refusal("trail.too-big", `The answer has more than ${panelRowsMax} rows, which is what a page shows.`, {
      help: "Choose a shorter time, one account or one role; the CSV holds all rows.",
    });
  const lists = question.columns.filter((column) => column.type === "json").map((column) => column.name);
  for (const row of rows) for (const name of lists) row[name] = listOf(row[name]);
  return rows;
}

const listOf = (value: unknown): unknown => (typeof value === "string" ? JSON.parse(value) : value);

/** The engine's `timestamp` has no zone: UTC is written without its Z. */
function forEngine(question: Question, name: string, params: Params): Params[string] {
  const value = params[name] ?? null;
  const isOfTime = question.params.some((param) => param.name === name && param.type === "timestamp");
  return isOfTime && typeof value === "string" ? value.slice(0, -1).replace("T", " ") : value;
}

interface Standing {
  readonly newest: string | null;
  readonly accounts: number;
  readonly events: number;
}

const standing = {
  sql: `select max(last_event_at) as newest, count(distinct account) as accounts,
    cast(coalesce(sum(records), 0) as bigint) as events from coverage`,
  params: {},
  rowsMax: null,
  seconds: secondsMax.panel,
};

function standingIn([row]: readonly Row[]): Standing {
  const newest = row?.["newest"];
  return {
    newest: typeof newest === "string" ? newest : null,
    accounts: Number(row?.["accounts"] ?? 0),
    events: Number(row?.["events"] ?? 0),
  };
}

/** A page that names no window looks at the 30 days before the newest event; null asks for all times. */
function withPageWindow({ question, params }: Asked, newest: string | null, roundsTo: number): Params {
  const takes = question.params.some((param) => param.name === "since");
  if (!takes || newest === null || "since" in params || "until" in params) return params;
  const from = Date.parse(newest) - pageDays * 86_400_000;
  return { ...params, since: new Date(from - (from % roundsTo)).toISOString().replace(/\.\d+Z$/, "Z") };
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
  timestamp: { read: readTime,                                                         is: "time",          example: "2026-11-21T09:30:00Z" },
  date:      { read: (text) => (readTime(`${text}T00:00:00Z`) === null ? null : text),  is: "date",          example: "2026-11-21" },
};

const unknown = (name: string): Refusal =>
  new Refusal("question.unknown", `${name} is not a question you may ask.`, {
    help: "See the menu under Trail, or docs/queries.md.",
  });
