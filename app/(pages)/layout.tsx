import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { Refusal } from "#/core/refusal.ts";
import { settings } from "../auth/names.ts";
import { mayAskSql, maySeeTrail, me } from "../reading.ts";
import { requireVisitor } from "../session.ts";
import { navCounts } from "../shell/nav-counts.tsx";
import { Shell } from "../shell/shell.tsx";
import { themeCookie, themeOf } from "../theme.ts";

export default async function PagesLayout({ children }: { children: ReactNode }) {
  const theme = themeOf((await cookies()).get(themeCookie)?.value);
  const visitor = await orNull(requireVisitor);
  const own = visitor === null ? null : await orNull(me);
  return (
    <Shell
      of={{
        name: visitor?.person.name ?? null,
        simulated: settings().ROLETRAIL_WORLD === "sandbox",
        completeUpTo: own?.complete_up_to ?? null,
        counts: own === null ? null : navCounts(),
        // Where functions do not answer the entries stay: each page says what is wrong.
        powers: { trail: own === null || maySeeTrail(own), sql: own !== null && mayAskSql(own) },
        theme,
        now: new Date(),
      }}
    >
      {visitor?.notices.map((sentence) => (
        <div className="note mb-4" role="note" key={sentence}>
          <p>{sentence}</p>
        </div>
      ))}
      {children}
    </Shell>
  );
}

/** The frame stands also where functions do not answer: the page inside says so. */
async function orNull<Value>(asked: () => Promise<Value>): Promise<Value | null> {
  try {
    return await asked();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
