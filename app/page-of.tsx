import "server-only";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { Fault, Refusal, type RefusalCode } from "#/core/refusal.ts";
import type { Me } from "#/core/views.ts";
import { ProblemCard } from "./parts/problem.tsx";
import { me } from "./reading.ts";
import { type Search, searchOf } from "./search-params.ts";
import { requireVisitor } from "./session.ts";
import { visible } from "./words.ts";

export interface Visit {
  readonly me: Me;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly search: Search;
  readonly now: Date;
}

interface Given {
  readonly params: Promise<Record<string, string>>;
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/**
 * A page behind sign-in: reads who asks, draws, and turns a refusal into its sentence. Everything the page awaits is
 * awaited inside `draw`, so that no refusal escapes to the error page, which may not show text.
 */
export function page(path: string, draw: (visit: Visit) => Promise<ReactNode>) {
  return async function Page(given: Given): Promise<ReactNode> {
    const params = decoded(await given.params);
    const search = searchOf(await given.searchParams);
    const here = pathOf(path, params);
    try {
      // Asked together; a visitor who must renew goes there whatever the other says.
      const own = me();
      own.catch(() => undefined);
      await requireVisitor();
      return await draw({ me: await own, path: here, params, search, now: new Date() });
    } catch (error) {
      return answered(error);
    }
  };
}

/** A page's title from its address alone: what is there is looked up once, by the page. */
export const titled =
  (of: (params: Record<string, string>) => string) =>
  async ({ params }: Pick<Given, "params">): Promise<Metadata> => ({ title: visible(of(decoded(await params))) });

/** Absent and not yours look the same; what a page asks is in its address, so one of the wrong form leads nowhere. */
const absent: ReadonlySet<RefusalCode> = new Set([
  "role.unknown",
  "session.unknown",
  "revocation.unknown",
  "question.unknown",
  "not.found",
  "request.invalid",
]);

function answered(error: unknown): ReactNode {
  if (error instanceof Refusal && absent.has(error.code)) notFound();
  if (error instanceof Refusal || error instanceof Fault) return <ProblemCard error={error} />;
  throw error;
}

const decoded = (params: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, safelyDecoded(value)]));

function safelyDecoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

const pathOf = (pattern: string, params: Record<string, string>): string =>
  pattern.replace(/\[(\w+)\]/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
