"use client";

import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

interface SearchState {
  readonly query: string;
  readonly setQuery: (query: string) => void;
  /** What Enter opens on a page that filters its own list; null elsewhere, where the palette answers. */
  readonly firstHit: string | null;
  readonly setFirstHit: (href: string | null) => void;
  /** Whether the page on show filters its list by the search. */
  readonly listening: boolean;
  readonly setListening: (listening: boolean) => void;
}

const Search = createContext<SearchState | null>(null);

/** One search: on My roles it filters the list, anywhere else it opens the palette. */
export function SearchProvider({ children }: { children: ReactNode }): ReactNode {
  const [query, setQuery] = useState("");
  const [firstHit, setFirstHit] = useState<string | null>(null);
  const [listening, setListening] = useState(false);
  const state = useMemo(
    () => ({ query, setQuery, firstHit, setFirstHit, listening, setListening }),
    [query, firstHit, listening],
  );
  return <Search value={state}>{children}</Search>;
}

export function useSearch(): SearchState {
  const state = useContext(Search);
  if (state === null) throw new Error("useSearch needs its provider");
  return state;
}
