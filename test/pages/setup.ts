import { readFileSync } from "node:fs";
import path from "node:path";
import { startProduct } from "./product.ts";

/** One product for all browser tests; a test that needs flags of its own starts another. */
export default async function setup(): Promise<() => Promise<void>> {
  // While a test is written: ROLETRAIL_TEST_HOME names the home of a product that runs already.
  const running = process.env["ROLETRAIL_TEST_HOME"];
  if (running !== undefined) {
    const world = path.join(running, "sandbox");
    const run = JSON.parse(readFileSync(path.join(world, "run.json"), "utf8"));
    process.env["ROLETRAIL_TEST_RUN"] = JSON.stringify({ run, world, home: running });
    return async () => undefined;
  }
  const product = await startProduct();
  process.env["ROLETRAIL_TEST_RUN"] = JSON.stringify({ run: product.run, world: product.world, home: product.home });
  return () => product.stop();
}
