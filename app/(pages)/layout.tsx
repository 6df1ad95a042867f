import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { settings } from "../auth/names.ts";
import { requireVisitor } from "../session.ts";
import { Shell } from "../shell/shell.tsx";
import { themeCookie, themeOf } from "../theme.ts";

export default async function PagesLayout({ children }: { children: ReactNode }) {
  const theme = themeOf((await cookies()).get(themeCookie)?.value);
  const { person, notices } = await requireVisitor();
  return (
    <Shell
      of={{
        name: person.name,
        simulated: settings().ROLETRAIL_WORLD === "sandbox",
        completeUpTo: null,
        counts: { sessions: null, denied: null, outside: null },
        theme,
        now: new Date(),
      }}
    >
      {notices.map((sentence) => (
        <div className="note" role="note" key={sentence}>
          <p>{sentence}</p>
        </div>
      ))}
      {children}
    </Shell>
  );
}
