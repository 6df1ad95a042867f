// `npm test`: installs what is missing, runs the static gates and every suite, says plainly what it could not run, and
// ends with `N passed, N failed, N skipped`. With CI=true a suite skipped for something installable fails.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { installWhenStale } from "./start/prepare.mjs";

const root = path.resolve(import.meta.dirname, "..");
const results = path.join(root, "test-results");
const ci = process.env.CI === "true";

installWhenStale();
mkdirSync(results, { recursive: true });
const { check } = await import("./check.mjs");
const total = { passed: 0, failed: 0, skipped: 0, notes: [] };

const gates = await check();
total.passed += gates.passed;
total.failed += gates.failed.length;
await suite(
  "unit and contract suites",
  "vitest.json",
  vitestCounts,
  [
    path.join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--config",
    "test/vitest.config.ts",
    "--reporter=default",
    "--reporter=json",
  ],
  {},
);
await pages();

for (const note of total.notes) process.stdout.write(`not run: ${note}\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

async function pages() {
  if (gates.failed.includes("build")) return missing("the browser suite: the build failed");
  const { chromium } = await import("./chromium.mjs");
  const browser = await chromium();
  if (browser.missing) return missing(`the browser suite: ${browser.missing}`);
  await suite(
    "browser suite",
    "pages.json",
    playwrightCounts,
    [
      path.join(root, "node_modules/@playwright/test/cli.js"),
      "test",
      "--config",
      "test/pages/playwright.config.ts",
      "--reporter=line,json",
    ],
    {
      ROLETRAIL_CHROMIUM: browser.path,
    },
  );
}

function missing(note) {
  total.notes.push(note);
  if (ci) total.failed += 1;
  else total.skipped += 1;
}

async function suite(name, file, counts, args, more) {
  const report = path.join(results, file);
  rmSync(report, { force: true });
  process.stdout.write(`\n${name}\n`);
  const code = await run(args, {
    ...more,
    VITEST_JSON: report,
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
  });
  if (!existsSync(report)) {
    process.stdout.write(`${name} left no report\n`);
    total.failed += 1;
    return;
  }
  const counted = counts(JSON.parse(readFileSync(report, "utf8")));
  total.passed += counted.passed;
  total.skipped += counted.skipped.length;
  for (const each of counted.skipped) total.notes.push(each);
  // A run that failed without a failed test (an import, a hook, no test at all) is a failure all the same.
  total.failed += code !== 0 || counted.passed === 0 ? Math.max(1, counted.failed) : counted.failed;
}

function run(args, environment) {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      args.concat(args[0].includes("vitest") ? [`--outputFile.json=${environment.VITEST_JSON}`] : []),
      {
        cwd: root,
        stdio: "inherit",
        env: { ...process.env, ...environment, AWS_EC2_METADATA_DISABLED: "true" },
      },
    );
    child.on("error", () => resolve(1));
    child.on("exit", (code) => resolve(code ?? 1));
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
