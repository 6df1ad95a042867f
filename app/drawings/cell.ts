import { count, counted } from "../words.ts";

/** One caller's calls for one role. A module of its own: a server component cannot call what a client module exports. */
export interface Cell {
  readonly succeeded: number;
  readonly failed: number;
}

export function cellWords({ succeeded, failed }: Cell): string {
  const refused = `${count(failed)} refused`;
  if (succeeded === 0) return refused;
  return failed === 0 ? counted(succeeded, "session") : `${counted(succeeded, "session")}, ${refused}`;
}
