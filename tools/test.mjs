// `npm test`: installs what is missing, runs the static gates and every suite, says plainly what it could not run, and
// ends with `N passed, N failed, N skipped`. With CI=true a suite skipped for something installable fails.
import { fork, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { check } from "./check.mjs";
import { installWhenStale } from "./start/prepare.mjs";
import { trinoIsHere } from "./trino/fetch.mjs";

const root = path.resolve(import.meta.dirname, "..");
const results = path.join(root, "test-results");
const vitest = "node_modules/vitest/vitest.mjs";
const playwright = "node_modules/@playwright/test/cli.js";
const ci = process.env.CI === "true";
const total = { passed: 0, failed: 0, skipped: 0, notes: [] };

mkdirSync(results, { recursive: true });
const trinoFetched = ci || trinoIsHere() ? fetched("tools/trino/fetch.mjs") : null;
installWhenStale();
const chromiumFetched = fetched("tools/chromium.mjs");

// Two at a time on two cores: each waits for processes, browsers and clocks of its own half of its time.
const queue = [gatesAndPages, units, trino];
const lane = async () => {
  for (let each = queue.shift(); each !== undefined; each = queue.shift()) await each();
};
await Promise.all([lane(), lane()]);

for (const note of total.notes) process.stdout.write(`not run: ${note}\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

async function gatesAndPages() {
  const gates = await check();
  total.passed += gates.passed;
  total.failed += gates.failed.length;
  if (gates.failed.includes("build")) return missing("the browser suite: the build failed");
  const browser = await chromiumFetched;
  if (browser.missing) return missing(`the browser suite: ${browser.missing}`);
  await suite("pages", playwrightCounts, (report) => ({
    args: [playwright, "test", "--config", "test/pages/playwright.config.ts", "--reporter=line,json"],
    environment: { ROLETRAIL_CHROMIUM: browser.path, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  }));
}

async function units() {
  await suite("units", vitestCounts, (report) => ({
    args: [vitest, "run", "--config", "test/vitest.config.ts", ...reporters(report)],
  }));
}

async function trino() {
  if (trinoFetched === null)
    return missing("the Trino suite: `npm run test:trino` runs it, and fetches Trino and a Java once, 575 MB");
  const { missing: lacking } = await trinoFetched;
  if (lacking) return missing(`the Trino suite: ${lacking}`);
  await suite("trino", vitestCounts, (report) => ({ args: ["tools/test-trino.mjs", ...reporters(report)] }));
}

function reporters(report) {
  return ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
}

/** What a tool says that may fetch for minutes: in a process of its own, for it waits where it stands. */
function fetched(tool) {
  return new Promise((resolve) => {
    const child = fork(path.join(root, tool));
    child.on("message", resolve);
    child.on("exit", (code) => resolve({ missing: `${tool} ended with ${code}` }));
  });
}

function missing(note) {
  total.notes.push(note);
  if (ci) total.failed += 1;
  else total.skipped += 1;
}

async function suite(name, counts, command) {
  const began = Date.now();
  const report = path.join(results, `${name}.json`);
  rmSync(report, { force: true });
  const code = await run(name, command(report));
  const told = existsSync(report)
    ? counts(JSON.parse(readFileSync(report, "utf8")))
    : { passed: 0, failed: 1, skipped: [] };
  if (!existsSync(report)) process.stdout.write(`${name} left no report\n`);
  // A run that failed without a failed test (an import, a hook, no test at all) is a failure all the same.
  const failed = code !== 0 || told.passed === 0 ? Math.max(1, told.failed) : told.failed;
  total.passed += told.passed;
  total.failed += failed;
  total.skipped += told.skipped.length;
  total.notes.push(...told.skipped);
  process.stdout.write(`${failed === 0 ? "ok  " : "FAIL"} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)\n`);
}

/** Each line with the suite's name before it, for two talk at once. */
function run(name, { args, environment }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment, AWS_EC2_METADATA_DISABLED: "true" },
    });
    for (const stream of [child.stdout, child.stderr])
      readline.createInterface({ input: stream }).on("line", (line) => process.stdout.write(`${name} | ${line}\n`));
    child.on("error", () => resolve(1));
    // Its last lines are still on their way. The pipes' end is not waited for: what a test left running would hold them.
    child.on("exit", (code) => setTimeout(resolve, 500, code ?? 1));
  });
}

function vitestCounts(report) {
  const skipped = report.testResults.flatMap((file) =>
    file.assertionResults
      .filter(({ status }) => ["pending", "skipped", "todo"].includes(status))
      .map(({ fullName }) => fullName),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numFailedTestSuites * (report.numFailedTests === 0 ? 1 : 0),
    skipped,
  };
}

function playwrightCounts({ stats, suites, errors }) {
  const specs = suites.flatMap(specsOf);
  const titled = (status) => (spec) => spec.tests.every((each) => each.status === status);
  for (const { title } of specs.filter(titled("flaky")))
    process.stdout.write(`passed at the second try only: ${title}\n`);
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + (errors?.length ?? 0),
    skipped: specs.filter(titled("skipped")).map(({ title }) => title),
  };
}

// A declaration, not a constant: the suites above run before this line is reached.
function specsOf(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)];
}
