import { existsSync } from "node:fs";
import path from "node:path";
import { defineConfig } from "@playwright/test";

const browser = [process.env["ROLETRAIL_CHROMIUM"], "/usr/bin/chromium"].find(
  (each) => each !== undefined && existsSync(each),
);

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: path.resolve(import.meta.dirname, "../../test-results/pages"),
  globalSetup: "./setup.ts",
  // Two cores: two files side by side over one product, the tests of a file in order unless it says otherwise.
  workers: 2,
  fullyParallel: false,
  // A browser on a busy machine may be late once; a second try that passes is named as flaky in the run's notes.
  retries: process.env["CI"] === "true" ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 900 },
    launchOptions: {
      ...(browser === undefined ? {} : { executablePath: browser }),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
