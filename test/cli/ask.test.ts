import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { formats } from "#/cli/rows.ts";
import { shells } from "#/cli/shells.ts";
import { keyOf, packed, record } from "../queries/ingest/trail.ts";

const root = path.resolve(import.meta.dirname, "../..");
const home = mkdtempSync(path.join(tmpdir(), "roletrail-cli-"));
const cache = path.join(home, "cache");
afterAll(() => rmSync(home, { recursive: true, force: true }));

function roletrail(...words: readonly string[]) {
  return run("pipe", words);
}

function roletrailTo(file: string, ...words: readonly string[]) {
  const out = openSync(file, "w");
  try {
    return run(out, words);
  } finally {
    closeSync(out);
  }
}

function run(out: "pipe" | number, words: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [path.join(root, "cli/roletrail.mjs"), ...words], {
    encoding: "utf8",
    cwd: home,
    stdio: ["ignore", out, "pipe"],
    env: { ...env, XDG_CACHE_HOME: cache, ROLETRAIL_HOME: path.join(home, "state") },
  });
  return { stdout, stderr, status };
}

function trail(name: string, files: Readonly<Record<string, Buffer | string>>): string {
  const folder = path.join(home, name);
  for (const [key, bytes] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, key)), { recursive: true });
    writeFileSync(path.join(folder, key), bytes);
  }
  return folder;
}

const whole = trail("whole", { [keyOf("aaaaaaaaaaaaaaaa")]: packed([record("e1"), record("e2")]) });
const damaged = trail("damaged", {
  [keyOf("aaaaaaaaaaaaaaaa")]: packed([record("e1"), { ...record("e2"), eventID: "" }]),
  [keyOf("bbbbbbbbbbbbbbbb")]: 'not "json"\u001b[2J',
});

test("a whole answer is rows on stdout, exit code 0, with and without the cache", () => {
  const first = roletrail("ask", "trail-summary", "--trail", whole, "--format", "json");
  expect(first.status, first.stderr).toBe(0);
  expect(first.stderr.trim().split("\n")).toEqual([expect.stringMatching(/^What was read is kept in /)]);
  expect(JSON.parse(first.stdout)).toMatchObject([
    { records: 2, distinct_events: 2, duplicates: 0, files: 1, unreadable_files: 0, rejected_records: 0, problems: [] },
  ]);
  const second = roletrail("ask", "trail-summary", "--trail", whole, "--format", "json");
  const without = roletrail("ask", "trail-summary", "--trail", whole, "--format", "json", "--no-cache");
  expect([second.stdout, without.stdout]).toEqual([first.stdout, first.stdout]);
  const kept = path.join(cache, "roletrail", "cache");
  const [entry] = readdirSync(kept).map((name) => path.join(kept, name));
  expect(statSync(entry ?? "").mode & 0o777).toBe(0o700);
  expect(existsSync(path.join(entry ?? "", "lock"))).toBe(false);
}, 120_000);

test("what was kept of a file that is gone, moved or made anew is no part of the answer", () => {
  const [first, second] = [keyOf("aaaaaaaaaaaaaaaa"), keyOf("bbbbbbbbbbbbbbbb")];
  const changing = trail("changing", {
    [first]: packed([record("e1")]),
    [second]: packed([record("e2"), record("e1")]),
  });
  const summary = (...more: readonly string[]): unknown =>
    JSON.parse(roletrail("ask", "trail-summary", "--trail", changing, "--format", "json", ...more).stdout);
  expect(summary()).toMatchObject([{ records: 3, distinct_events: 2, files: 2 }]);
  rmSync(path.join(changing, first));
  expect(summary()).toMatchObject([{ records: 2, distinct_events: 2, files: 1 }]);
  expect(summary()).toEqual(summary("--no-cache"));
  renameSync(path.join(changing, second), path.join(changing, first));
  expect(summary()).toEqual(summary("--no-cache"));
}, 120_000);

test("what could not be read is named on stderr and in the summary, exit code 3, the rest is answered", () => {
  const { stdout, stderr, status } = roletrail("ask", "trail-summary", "--trail", damaged, "--format", "ndjson");
  expect(status, stderr).toBe(3);
  expect(stderr).toContain(`Not read: "${keyOf("bbbbbbbbbbbbbbbb")}": it is not JSON`);
  expect(stderr).toContain(`In part: "${keyOf("aaaaaaaaaaaaaaaa")}": 1 record: no eventID`);
  expect(JSON.parse(stdout)).toMatchObject({
    records: 1,
    files: 2,
    unreadable_files: 1,
    rejected_records: 1,
    problems: [
      { file: keyOf("aaaaaaaaaaaaaaaa"), reason: "1 record: no eventID", records: 1 },
      { file: keyOf("bbbbbbbbbbbbbbbb"), reason: "it is not JSON" },
    ],
  });
}, 120_000);

test("no rows are an empty array", () => {
  const { stdout, status } = roletrail("ask", "denied-assumptions", "--trail", whole, "--format", "json");
  expect([stdout, status]).toEqual(["[]\n", 0]);
}, 120_000);

test("a folder without a log file is answered, and said to be one", () => {
  const { stdout, stderr, status } = roletrail(
    "ask",
    "sessions",
    "--trail",
    trail("none", { "a.txt": "" }),
    "--format",
    "json",
  );
  expect([stdout, status]).toEqual(["[]\n", 0]);
  expect(stderr).toContain("There is no log file in it");
}, 120_000);

test("every time of a question is written as --since is: seconds or not, a date, how long ago", () => {
  const summary = (...words: readonly string[]): string =>
    roletrail("ask", "who-assumed-which-role", "--trail", whole, ...words).stderr.replace(/^What was read.*\n/, "");
  for (const time of ["2026-11-21T09:30:00Z", "2026-11-21T09:30", "2026-11-21", "30d", "2w"])
    expect(summary("--since", time), time).toBe("");
  const live = roletrail("ask", "sessions", "--trail", whole, "--param", "live_at=2026-11-21");
  expect(live.status, live.stderr).toBe(0);
}, 120_000);

test.skipIf(!existsSync("/dev/full"))(
  "rows that could not be written are no success",
  () => {
    const { stderr, status } = roletrailTo("/dev/full", "ask", "trail-summary", "--trail", whole);
    expect([status, stderr]).toEqual([1, expect.stringContaining("ENOSPC")]);
  },
  120_000,
);

test("a refusal is one line on stderr, nothing on stdout, exit code 1", () => {
  const cases = [
    ["ask", "no-such-question", "--trail", whole],
    ["ask", "sessions", "--trail", path.join(home, "nowhere")],
    ["ask", "sessions", "--trail", whole, "--since", "yesterday"],
    ["ask", "sessions", "--trail", whole, "--param", "nope=1"],
    ["ask", "sessions", "--trail", whole, "--format", "xml"],
    ["ask", "session-calls", "--trail", whole],
    ["ask", "sessions", "--trail", ""],
    ["ask", "sessions", "--trail", whole, "--since", "2026-02-30"],
    ["ask", "sessions", "--trail", whole, "--since", "2026-02-02", "--until", "2026-02-01"],
    ["ask", "sessions", "--trail", whole, "--since", "30d", "--param", "since=12h"],
    ["ask", "sessions", "--trail", whole, "--param", "role=a", "--param", "role=b"],
    ["ask", "sessions", "--trail", whole, "--param", "role="],
    ["ask", "sessions"],
    ["sandbox", "env"],
  ];
  for (const words of cases) {
    const { stdout, stderr, status } = roletrail(...words);
    expect([status, stdout], words.join(" ")).toEqual([1, ""]);
    expect(stderr.trim().split("\n"), words.join(" ")).toHaveLength(1);
    expect(stderr).toMatch(/^roletrail: /);
  }
}, 120_000);

test("a bucket that cannot be listed is named, with whose credentials were used", () => {
  const AWS_ENDPOINT_URL = "http://127.0.0.1:1";
  const key = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: "x" };
  const words = ["ask", "sessions", "--trail", "s3://bucket/prefix"];
  const { stdout, stderr, status } = run("pipe", words, { ...process.env, ...key, AWS_ENDPOINT_URL });
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(
    "roletrail: s3://bucket/prefix cannot be listed: connect ECONNREFUSED 127.0.0.1:1. Region and",
  );
}, 120_000);

test("the version is package.json's", () => {
  expect(roletrail("--version").stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("sandbox env prints the endpoint and the administrator's key of a running sandbox", () => {
  const world = path.join(home, "state", "sandbox");
  mkdirSync(world, { recursive: true });
  const admin_key_file = path.join(world, "admin-key.json");
  writeFileSync(
    admin_key_file,
    JSON.stringify({ access_key_id: "AKIAX", secret_access_key: "a'b", region: "eu-west-1" }),
  );
  const run = {
    app_url: "http://localhost:1",
    aws_url: "http://127.0.0.1:3",
    admin_key_file,
    trail: { folder: whole },
  };
  writeFileSync(path.join(world, "run.json"), JSON.stringify(run));
  const { stdout, status } = roletrail("sandbox", "env");
  expect(status).toBe(0);
  const sh = spawnSync("sh", [
    "-c",
    // As a shell is left by a session that was tried before.
    `export AWS_SESSION_TOKEN=old AWS_PROFILE=other\n${stdout}
    printf '%s %s %s %s' "$AWS_ENDPOINT_URL" "$AWS_SECRET_ACCESS_KEY" "$AWS_REGION" "$AWS_SESSION_TOKEN$AWS_PROFILE"`,
  ]);
  expect(String(sh.stdout)).toBe("http://127.0.0.1:3 a'b eu-west-1 ");
  const asked = roletrail("ask", "trail-summary", "--format", "json");
  expect(JSON.parse(asked.stdout)).toMatchObject([{ records: 2 }]);
  rmSync(world, { recursive: true });
}, 120_000);

test("each shell sets exactly the value", () => {
  expect(shells.fish({ A: undefined })).toBe("set -e A\n");
  expect(shells.powershell({ A: undefined })).toBe("Remove-Item Env:A -ErrorAction SilentlyContinue\n");
  expect(shells.cmd({ A: undefined })).toBe('set "A="\n');
  expect(shells.fish({ A: "x'\\y" })).toBe("set -gx A 'x\\'\\\\y'\n");
  expect(shells.powershell({ A: "x'y" })).toBe("$env:A = 'x''y'\n");
  expect(JSON.parse(shells.json({ A: "x" }))).toEqual({ A: "x" });
});

test("CSV keeps a spreadsheet from taking text for a formula, and numbers numbers", () => {
  const columns = [
    { name: "caller", type: "text" },
    { name: "calls", type: "bigint" },
  ];
  const rows = [
    { caller: '=cmd|" /C calc"!A0', calls: -1 },
    { caller: null, calls: 2 },
    { caller: "|x", calls: 3 },
  ];
  expect(formats.csv({ columns, rows })).toBe('caller,calls\r\n"\'=cmd|"" /C calc""!A0",-1\r\n,2\r\n\'|x,3\r\n');
});

test("a table is cut to a terminal's width, and is whole where it goes to a file", () => {
  const columns = [
    { name: "caller", type: "text" },
    { name: "role", type: "text" },
  ];
  const arn = `arn:aws:iam::111122223333:role/${"long/".repeat(500)}`;
  const row = { caller: arn, role: arn };
  for (const rows of [[row], [row, row]]) {
    expect(formats.table({ columns, rows })).toContain(arn);
    expect(formats.table({ columns, rows }, 80)).not.toContain(arn);
  }
});

test("text of a log cannot drive the terminal, in no format that goes to one", () => {
  const columns = [
    { name: "agent", type: "text" },
    { name: "n", type: "bigint" },
  ];
  const rows = [
    { agent: "\u001b[2J\u009b31m\u202eevil", n: 1 },
    { agent: "plain", n: 2 },
  ];
  for (const format of [formats.table, formats.json, formats.ndjson])
    for (const char of ["\u001b", "\u009b", "\u202e"]) expect(format({ columns, rows })).not.toContain(char);
  expect(JSON.parse(formats.json({ columns, rows }))).toEqual(rows);
});
