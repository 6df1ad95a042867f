/** Where the parts of a session's bar lie, as shares of its length. Pure. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** The share the session lived so far, or will have lived at the cutoff. */
  readonly used: number;
  readonly cut: number | null;
  readonly now: number | null;
  /** No issuing record, or no expiry known: the end is only where a call was last seen. */
  readonly openStart: boolean;
  readonly openEnd: boolean;
  readonly at: (iso: string) => number;
}

export interface Spanned {
  readonly issued_at: string | null;
  readonly expires_at: string | null;
  readonly first_call_at: string | null;
  readonly last_call_at: string | null;
  readonly cutoff: string | null;
}

/** Null where nothing tells when the session was: neither an issue nor a call. */
export function spanOf(of: Spanned, now: Date): Span | null {
  const begun = of.issued_at ?? of.first_call_at;
  if (begun === null) return null;
  const start = Date.parse(begun);
  const last = of.expires_at ?? of.last_call_at ?? begun;
  const end = Math.max(Date.parse(last), start + 1000);
  const at = (iso: string): number => clamp((Date.parse(iso) - start) / (end - start));
  const nowShare = (now.getTime() - start) / (end - start);
  const cut = of.cutoff === null ? null : at(of.cutoff);
  const lived = of.expires_at === null ? 1 : clamp(nowShare);
  return {
    start,
    end,
    used: cut ?? lived,
    cut,
    now: of.expires_at !== null && nowShare > 0 && nowShare < 1 ? nowShare : null,
    openStart: of.issued_at === null,
    openEnd: of.expires_at === null,
    at,
  };
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share));
