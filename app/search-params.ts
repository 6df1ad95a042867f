/** A page's filters as its URL holds them. Values are text of whoever made the link. */
export type Search = ReadonlyMap<string, string>;

export function searchOf(given: Record<string, string | string[] | undefined>): Search {
  const search = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    const one = Array.isArray(value) ? value[0] : value;
    if (one !== undefined && one !== "" && one.length <= 2048) search.set(name, one);
  }
  return search;
}

/** The same page with some filters changed; null takes one away. Page numbers never survive a change. */
export function hrefWith(path: string, search: Search, changes: Record<string, string | null>): string {
  const next = new URLSearchParams();
  for (const [name, value] of search) if (name !== "page" && !(name in changes)) next.set(name, value);
  for (const [name, value] of Object.entries(changes)) if (value !== null) next.set(name, value);
  const text = next.toString();
  return text === "" ? path : `${path}?${text}`;
}

export const hrefOf = (path: string, params: Record<string, string | null | undefined>): string =>
  hrefWith(path, new Map(), Object.fromEntries(Object.entries(params).map(([k, v]) => [k, v ?? null])));
