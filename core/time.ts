/** ISO 8601 UTC in whole seconds, as CloudTrail and STS count: `2026-11-21T09:30:00Z`. Milliseconds are cut off. */
export const wholeSeconds = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;
