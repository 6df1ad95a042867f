import { defineConfig } from "vitest/config";
import common from "../vitest.config.ts";

/** Needs a Trino at TRINO_URL with its files in TRINO_DATA: tools/test-trino.mjs starts one. */
export default defineConfig({
  ...common,
  test: {
    ...common.test,
    include: ["test/trino/**/*.trino.ts"],
    exclude: ["node_modules/**"],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    maxConcurrency: 3,
  },
});
