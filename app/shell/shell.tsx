import type { ReactNode } from "react";
import { Defs } from "../drawings/defs.tsx";
import { moment } from "../words.ts";
import { Brand } from "./brand.tsx";
import { Keys } from "./keys.tsx";
import { Nav, type NavCounts, type NavPowers } from "./nav.tsx";
import { PersonMenu } from "./person-menu.tsx";
import { Search } from "./search.tsx";
import { SearchProvider } from "./search-context.tsx";
import { SoftNav } from "./soft-nav.tsx";

export interface ShellOf {
  readonly name: string | null;
  readonly simulated: boolean;
  readonly completeUpTo: string | null;
  readonly counts: NavCounts | null;
  /** Whether hand-written SQL is among the pages. */
  readonly powers: NavPowers;
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
        <Nav counts={of.counts} powers={of.powers} />
        <main id="page" className="page" tabIndex={-1}>
          {children}
        </main>
      </div>
      <SoftNav />
      <Keys />
    </SearchProvider>
  );
}
