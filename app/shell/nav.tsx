"use client";

import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

interface Entry {
  readonly href: string;
  readonly words: string;
  readonly count?: keyof NavCounts;
  /** Only there for who may see others' sessions, or may write SQL: to anybody else its page is not there. */
  readonly only?: keyof NavPowers;
}

export interface NavPowers {
  readonly trail: boolean;
  readonly sql: boolean;
}

/** What stands beside an entry; each is read on its own and comes when it is there. */
export interface NavCounts {
  readonly sessions: ReactNode;
  readonly denied: ReactNode;
  readonly outside: ReactNode;
}

const groups: readonly { readonly heading: string | null; readonly entries: readonly Entry[] }[] = [
  {
    heading: null,
    entries: [
      { href: "/", words: "My roles" },
      { href: "/sessions", words: "Sessions", count: "sessions" },
    ],
  },
  {
    heading: "Trail",
    entries: [
      { href: "/trail", words: "Overview", only: "trail" },
      { href: "/trail/who-assumed-which-role", words: "Who assumed which role", only: "trail" },
      { href: "/trail/denied-assumptions", words: "Denied", count: "denied", only: "trail" },
      { href: "/trail/sessions-outside-the-broker", words: "Outside the broker", count: "outside", only: "trail" },
      { href: "/trail/questions", words: "All questions" },
      { href: "/trail/sql", words: "SQL", only: "sql" },
      { href: "/trail/health", words: "Health", only: "trail" },
    ],
  },
  { heading: "Control", entries: [{ href: "/revocations", words: "Revocations" }] },
];

/** Beside the page; behind ☰ on a phone, as a popover, which needs no script. */
export function Nav({ counts, powers }: { counts: NavCounts | null; powers: NavPowers }): ReactNode {
  const path = usePathname();
  const here = currentOf(path);
  return (
    <nav id="nav" className="nav" popover="auto" aria-label="Pages">
      {groups.map(({ heading, entries }) => (
        <div key={heading ?? "own"}>
          {heading === null ? null : <h2>{heading}</h2>}
          {entries
            .filter(({ only }) => only === undefined || powers[only])
            .map(({ href, words, count }) => (
              <a key={href} href={href} aria-current={href === here ? "page" : undefined}>
                {words}
                {count === undefined || counts === null ? null : counts[count]}
              </a>
            ))}
        </div>
      ))}
    </nav>
  );
}

/** The entry a path belongs to: a role's page is under My roles, its revoke page under Revocations. */
function currentOf(path: string): string {
  if (path === "/") return "/";
  if (path.startsWith("/roles/")) return path.endsWith("/revoke") ? "/revocations" : "/";
  const hrefs = groups.flatMap(({ entries }) => entries.map(({ href }) => href)).filter((href) => href !== "/");
  const fitting = hrefs.filter((href) => path === href || path.startsWith(`${href}/`));
  const longest = fitting.sort((a, b) => b.length - a.length)[0];
  if (longest === "/trail" && path !== "/trail") return "/trail/questions";
  return longest ?? "";
}
