import "server-only";
import type { Credentials } from "#/core/invoke.ts";
import type { Search } from "./search-params.ts";

/** Who asks, for functions. */
export async function credentials(): Promise<Credentials> {
  return {};
}

export async function requireVisitor(_path: string, _search: Search): Promise<void> {}
