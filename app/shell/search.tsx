"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Palette } from "./palette.tsx";
import { useSearch } from "./search-context.tsx";

/** The search of the top bar: `/` goes to it, ⌘K or Ctrl K opens the palette. Without script it filters My roles. */
export function Search(): ReactNode {
  const router = useRouter();
  const { query, setQuery, firstHit, listening } = useSearch();
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      const palette = event.key === "k" && (event.metaKey || event.ctrlKey);
      const slash = event.key === "/" && !typing(event.target) && !event.metaKey && !event.ctrlKey;
      if (!palette && !slash) return;
      event.preventDefault();
      if (slash && listening && input.current?.checkVisibility() === true) input.current.focus();
      else setOpen(true);
    };
    document.addEventListener("keydown", key);
    return () => document.removeEventListener("keydown", key);
  }, [listening]);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (listening && firstHit !== null) router.push(firstHit);
    else setOpen(true);
  };

  return (
    <>
      <search className="search">
        <form action="/" onSubmit={submit}>
          <input
            ref={input}
            id="search"
            name="q"
            type="search"
            autoComplete="off"
            spellCheck={false}
            aria-label="Find a role, person, session"
            placeholder="Find a role, person, session"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          <span className="key" aria-hidden="true">
            ⌘K
          </span>
        </form>
      </search>
      <button type="button" className="search-icon" aria-label="Search" onClick={() => setOpen(true)}>
        <svg width="16" height="16" viewBox="0 0 16 16" fill="none" aria-hidden="true">
          <circle cx="7" cy="7" r="4.5" stroke="currentColor" strokeWidth="1.5" />
          <path d="m10.5 10.5 3.5 3.5" stroke="currentColor" strokeWidth="1.5" />
        </svg>
      </button>
      <Palette open={open} setOpen={setOpen} given={listening ? "" : query} />
    </>
  );
}

export const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
