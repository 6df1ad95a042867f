import { startProduct } from "./product.ts";

/** One product for all browser tests; a test that needs flags of its own starts another. */
export default async function setup(): Promise<() => Promise<void>> {
  const product = await startProduct();
  process.env["ROLETRAIL_TEST_RUN"] = JSON.stringify({ run: product.run, world: product.world, home: product.home });
  return () => product.stop();
}
