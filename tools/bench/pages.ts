// Server time (`Server-Timing`) of every page of the trail and of every question's API, over a generated trail, through
// HTTP and against the running product (`npm start -- --trail`). Each request has parameters of its own, so nothing comes
// from a cache; then all are asked once more, for what the cache gives.
//   npm run bench pages                     200,000 events
//   npm run bench pages -- --full           2,000,000 events
//   npm run bench pages -- --trail DIR      a trail that tools/trail-generator.ts made, with DIR.truth.json beside it
//   npm run bench pages -- … --home HOME    keeps the world there: read once, asked again, pages alone
//   npm run bench pages -- … --requests N   so many of each, 100 where not said: of fewer, the worst two are the p95
// Beside them: `ask sessions` must return exactly as many rows as sessions were issued or used.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { questions } from "#/queries/catalogue.ts";
import { type Product, startProduct } from "../../test/pages/product.ts";
import { generateTrail } from "../trail-generator.ts";

const requests = Number(argument("--requests") ?? "100");
/** So many of the last are asked again: all of their answers are still kept. */
const againMax = 24;
const targetMs = 100;
const home = mkdtempSync(path.join(process.env["ROLETRAIL_BENCH_FOLDER"] ?? tmpdir(), "roletrail-bench-pages-"));
const kept = argument("--home");
const Rows = z.object({ items: z.array(z.record(z.string(), z.unknown())) });

interface Browser {
  readonly url: string;
  readonly cookie: string;
}

/** What a generated trail holds to ask about. */
interface Known {
  readonly sessions: readonly string[];
  readonly roles: readonly string[];
  readonly newest: Date;
}

try {
  const { folder, sessions } = trail();
  const product = await startProduct(["--trail", folder], { home: kept ?? path.join(home, "world") });
  try {
    const browser = await opened(product);
    await ready(browser);
    await measure(browser, await known(browser));
  } finally {
    await product.stop();
  }
  if (kept === undefined) countSessions(folder, sessions);
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
process.exit();

function argument(flag: string): string | undefined {
  const at = process.argv.indexOf(flag);
  return at < 0 ? undefined : process.argv[at + 1];
}

function trail(): { folder: string; sessions: number } {
  const given = argument("--trail");
  const Truth = z.object({ sessions: z.number() });
  if (given !== undefined) {
    const truth = Truth.parse(JSON.parse(readFileSync(`${given}.truth.json`, "utf8")));
    return { folder: given, sessions: truth.sessions };
  }
  const folder = path.join(home, "trail");
  const isFull = process.argv.includes("--full");
  const size = isFull ? { events: 2_000_000, files: 14_000 } : { events: 200_000, files: 1_400 };
  return { folder, sessions: generateTrail({ out: folder, seed: "bench", ...size }).sessions };
}

/** Through the one-time link, as a browser opens real logs. */
async function opened(product: Product): Promise<Browser> {
  const url = product.run.app_url;
  for (;;) {
    const code = /http:\/\/localhost:\d+\/\S*#(\S+)/.exec(product.output())?.[1];
    if (code !== undefined) {
      const answer = await fetch(`${url}/open/swap`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: url, "sec-fetch-site": "same-origin" },
        body: JSON.stringify({ code }),
      });
      if (!answer.ok) throw new Error(`the link did not open: ${answer.status} ${await answer.text()}`);
      const cookie = answer.headers.getSetCookie().map((one) => one.split(";")[0] ?? "");
      return { url, cookie: cookie.join("; ") };
    }
    await wait(200);
  }
}

/** All of it read, not only the first of it: the summary stands still. */
async function ready(browser: Browser): Promise<void> {
  for (let before = ""; ; ) {
    const answer = await get(browser, "/api/v1/questions/trail-summary");
    const text = JSON.stringify(answer.ok ? Rows.parse(JSON.parse(answer.text)).items[0]?.["distinct_events"] : null);
    if (answer.ok && text === before) return;
    before = text;
    await wait(15_000);
  }
}

interface Got {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

async function get({ url, cookie }: Browser, where: string): Promise<Got> {
  const answer = await fetch(url + where, { headers: { cookie, origin: url }, redirect: "manual" });
  const text = await answer.text();
  const timing = /total;dur=([\d.]+)/.exec(answer.headers.get("server-timing") ?? "")?.[1];
  return { ok: answer.status === 200, status: answer.status, text, ms: Number(timing ?? Number.NaN) };
}

async function known(browser: Browser): Promise<Known> {
  const items = async (where: string): Promise<z.infer<typeof Rows>["items"]> =>
    Rows.parse(JSON.parse((await get(browser, where)).text)).items;
  const sessions = await items("/api/v1/questions/sessions?newest=1500");
  const [summary] = await items("/api/v1/questions/trail-summary");
  const distinct = (name: string): string[] => [
    ...new Set(sessions.flatMap((row) => (typeof row[name] === "string" ? [row[name]] : []))),
  ];
  return {
    sessions: distinct("session_id"),
    roles: distinct("role"),
    newest: new Date(String(summary?.["last_event_at"])),
  };
}

async function measure(browser: Browser, { sessions, roles, newest }: Known): Promise<void> {
  const session = (turn: number): string => sessions[(turn * 61) % sessions.length] ?? "";
  const role = (turn: number): string => roles[turn % roles.length] ?? "";
  const since = (turn: number, days: number): string =>
    new Date(newest.getTime() - days * 86_400_000 - turn * 61_000).toISOString().replace(/\.\d+Z$/, "Z");
  const window = (turn: number): string => `since=${since(turn, 30)}&until=${since(-turn, 0)}`;
  const roleAt = (turn: number): string => {
    const [, account = "", name = ""] = /:(\d+):role\/(?:.*\/)?([^/]+)$/.exec(role(turn)) ?? [];
    return `/roles/${account}/${name}?arn=${encodeURIComponent(role(turn))}`;
  };
  const pages: Readonly<Record<string, (turn: number) => string>> = {
    "/trail": (turn) => `/trail?${window(turn)}`,
    "/sessions": (turn) => `/sessions?${window(turn)}`,
    "/sessions/ID": (turn) => `/sessions/${session(turn)}`,
    "/roles/…": (turn) => roleAt(turn),
    "/trail/role-history": (turn) => `/trail/role-history?role=${encodeURIComponent(role(turn))}&${window(turn)}`,
    "…?view=time": (turn) => `/trail/who-assumed-which-role?view=time&${window(turn)}`,
    "…?view=flow": (turn) => `/trail/who-assumed-which-role?view=flow&${window(turn)}`,
    "…?view=table": (turn) => `/trail/who-assumed-which-role?view=table&${window(turn)}`,
    "/trail/health": (turn) => `/trail/health?${window(turn)}`,
  };
  for (const [name, { menu }] of Object.entries(questions))
    if (menu === "trail")
      Object.assign(pages, { [`/trail/${name}`]: (turn: number) => `/trail/${name}?${window(turn)}` });
  for (const [name, of] of Object.entries(pages)) await report(browser, name, of);
  for (const [name, { params }] of Object.entries(questions)) {
    const values: Readonly<Record<string, (turn: number) => string>> = {
      session: (turn) => session(turn + 500),
      sessions: (turn) => sessions.slice(turn * 50, turn * 50 + 50).join(","),
      text: (turn) => session(turn).slice(0, 8),
      newest: () => "51",
      top: () => "200",
      // Not the windows of the pages, whose answers are kept.
      since: (turn) => since(turn + 500, 30),
      until: (turn) => since(-turn - 500, 0),
      ...(name === "role-history" || params.some((param) => param.name === "api") ? { role } : {}),
    };
    await report(browser, `api ${name}`, (turn) => {
      const given = params.flatMap((param) => {
        const value = values[param.name]?.(turn);
        return value === undefined ? [] : [`${param.name}=${encodeURIComponent(value)}`];
      });
      return `/api/v1/questions/${name}?${given.join("&")}`;
    });
  }
}

async function report(browser: Browser, name: string, of: (turn: number) => string): Promise<void> {
  const faults: number[] = [];
  const timesFrom = async (from: number): Promise<number[]> => {
    const times: number[] = [];
    for (let turn = from; turn < requests; turn += 1) {
      const got = await get(browser, of(turn));
      if (got.ok) times.push(got.ms);
      else faults.push(got.status);
    }
    return times;
  };
  const first = await timesFrom(0);
  const again = await timesFrom(Math.max(0, requests - againMax));
  const over = at(first, 0.95) > targetMs ? "  over" : "";
  const said = faults.length === 0 ? "" : `  ${faults.length} refused (${[...new Set(faults)].join(", ")})`;
  // The very first finds nothing compiled.
  console.log(
    `${name.padEnd(36)} p50 ${ms(at(first, 0.5))} p95 ${ms(at(first, 0.95))} ms, the first ${ms(at(first.slice(0, 1), 0))}` +
      ` | again p50 ${ms(at(again, 0.5))} p95 ${ms(at(again, 0.95))} ms${over}${said}`,
  );
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function ms(time: number): string {
  return time.toFixed(0).padStart(4);
}

function countSessions(folder: string, wanted: number): void {
  const cli = path.resolve(import.meta.dirname, "../../cli/roletrail.mjs");
  if (!existsSync(cli)) throw new Error("there is no command line to ask");
  const asked = spawnSync(process.execPath, [cli, "ask", "sessions", "--trail", folder, "--format", "ndjson"], {
    env: { ...process.env, XDG_CACHE_HOME: path.join(home, "cache") },
    maxBuffer: 1024 * 1024 * 1024,
  });
  const rows = asked.stdout.toString("utf8").split("\n").filter(Boolean).length;
  console.log(`ask sessions: ${rows} rows, ${wanted} sessions were issued or used${rows === wanted ? "" : "  WRONG"}`);
  if (rows !== wanted) process.exitCode = 1;
}
