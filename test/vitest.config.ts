import os from "node:os";
import path from "node:path";
import { defineConfig } from "vitest/config";

const root = path.resolve(import.meta.dirname, "..");

/** `.sql` files are text, as esbuild loads them for the processes. */
const sqlAsText = {
  name: "sql-as-text",
  enforce: "pre" as const,
  transform: (code: string, id: string) =>
    id.endsWith(".sql") ? { code: `export default ${JSON.stringify(code)};`, map: null } : null,
};

export default defineConfig({
  root,
  plugins: [sqlAsText],
  resolve: { alias: [{ find: /^#\//, replacement: `${root}/` }] },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/pages/**", "node_modules/**"],
    globalSetup: "test/temporary.ts",
    // SDKs would otherwise look for instance metadata.
    env: { AWS_EC2_METADATA_DISABLED: "true" },
    // Left alone, it keeps a core for itself, and half of a small machine is idle: most suites wait for a process of their own.
    maxWorkers: os.availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
