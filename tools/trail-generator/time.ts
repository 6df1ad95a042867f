/** Where the benches' 90 days begin: `2026-08-01T00:00:00Z` in epoch seconds. */
export const start = Date.UTC(2026, 7, 1) / 1000;
