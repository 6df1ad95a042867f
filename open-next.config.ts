import type { OpenNextConfig } from "@opennextjs/aws/types/open-next.js";

/**
 * The app for Lambda. Every page is of who signed in, so nothing is kept between requests: no cache in S3, no tags in
 * DynamoDB, no queue that revalidates. That is nineteen resources less to guard.
 */
const config = {
  default: {},
  dangerous: { disableIncrementalCache: true, disableTagCache: true },
  buildCommand: "node tools/build.mjs web",
} satisfies OpenNextConfig;

export default config;
