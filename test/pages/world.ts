import type { Run } from "./product.ts";

/** The shared product of this run (see setup.ts). */
export function shared(): { run: Run; world: string; home: string } {
  const told = process.env["ROLETRAIL_TEST_RUN"];
  if (told === undefined) throw new Error("the shared product was not started");
  return JSON.parse(told);
}
