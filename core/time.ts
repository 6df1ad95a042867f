/** ISO 8601 UTC in whole seconds, as CloudTrail and STS count: `2026-11-21T09:30:00Z`. Milliseconds are cut off. */
export const wholeSeconds = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

const form = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

/** A time as RFC 3339 writes it, in any zone, as ours: UTC, milliseconds at most. Null for what is none, 30 February too. */
export function readTime(text: string): string | null {
  const [, year, month, day] = form.exec(text.toUpperCase()) ?? [];
  const at = new Date(text.toUpperCase());
  if (year === undefined || Number.isNaN(at.getTime())) return null;
  if (new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() !== Number(day)) return null;
  const iso = at.toISOString().replace(".000Z", "Z");
  return /^\d{4}-/.test(iso) ? iso : null;
}
