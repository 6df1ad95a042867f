import path from "node:path";
import { defineConfig } from "vitest/config";

const root = path.resolve(import.meta.dirname, "..");

export default defineConfig({
  root,
  resolve: { alias: [{ find: /^#\//, replacement: `${root}/` }] },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/pages/**", "node_modules/**"],
    // SDKs would otherwise look for instance metadata.
    env: { AWS_EC2_METADATA_DISABLED: "true" },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
