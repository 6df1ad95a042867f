import type { ReactNode } from "react";
import { Defs } from "../drawings/defs.tsx";
import { moment } from "../words.ts";
import { Keys } from "./keys.tsx";
import { Nav, type NavCounts } from "./nav.tsx";
import { PersonMenu } from "./person-menu.tsx";
import { Search } from "./search.tsx";
import { SearchProvider } from "./search-context.tsx";
import { SoftNav } from "./soft-nav.tsx";

export interface ShellOf {
  readonly name: string | null;
  readonly simulated: boolean;
  readonly completeUpTo: string | null;
  readonly counts: NavCounts;
  readonly theme: "system" | "light" | "dark";
  readonly now: Date;
}

/** The frame around every page: the edge that says SIMULATED, search, navigation, and who is signed in. */
export function Shell({ of, children }: { of: ShellOf; children: ReactNode }): ReactNode {
  return (
    <SearchProvider>
      <a className="skip" href="#page">
        Skip to the page
      </a>
      {of.simulated ? <div className="edge" /> : null}
      <Defs />
      <header className="top">
        <button type="button" className="burger" popoverTarget="nav" aria-label="Navigation">
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M2 4h12M2 8h12M2 12h12" stroke="currentColor" strokeWidth="1.5" />
          </svg>
        </button>
        <Brand />
        {of.simulated ? (
          <span className="simulated" title="The AWS accounts behind this page are simulated on this machine">
            SIMULATED
          </span>
        ) : null}
        <Search />
        <div className="top-end">
          {of.completeUpTo === null ? null : (
            <span className="complete text-small text-ink-3">
              Complete up to <time dateTime={of.completeUpTo}>{moment(of.completeUpTo, of.now)}</time> UTC
            </span>
          )}
          {of.name === null ? null : <PersonMenu name={of.name} theme={of.theme} />}
        </div>
      </header>
      <div className="frame">
        <Nav counts={of.counts} />
        <main id="page" className="page" tabIndex={-1}>
          {children}
        </main>
      </div>
      <SoftNav />
      <Keys />
    </SearchProvider>
  );
}

export function Brand(): ReactNode {
  return (
    <a className="brand" href="/">
      <svg width="22" height="20" viewBox="0 0 22 20" fill="none" aria-hidden="true">
        <path d="M4 16.5h4.5v-6H13v-6h4.5" stroke="currentColor" strokeWidth="1.8" strokeLinejoin="round" />
        <circle cx="3.6" cy="16.5" r="2.6" fill="currentColor" />
        <circle cx="18.2" cy="4.3" r="2.1" stroke="currentColor" strokeWidth="1.8" />
      </svg>
      Roletrail
    </a>
  );
}
