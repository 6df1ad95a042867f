import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { Shell } from "../shell/shell.tsx";
import { themeCookie, themeOf } from "../theme.ts";

export default async function PagesLayout({ children }: { children: ReactNode }) {
  const theme = themeOf((await cookies()).get(themeCookie)?.value);
  return (
    <Shell
      of={{
        name: null,
        simulated: true,
        completeUpTo: null,
        counts: { sessions: null, denied: null, outside: null },
        theme,
        now: new Date(),
      }}
    >
      {children}
    </Shell>
  );
}
