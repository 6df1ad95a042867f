/** Not again within this time by our own clock: the provider's may be wrong, or its tokens very short. */
const renewalSecondsMin = 30;

/**
 * Whether a page renews the sign-in before it draws: past `renewAt` (ISO; null: never), and not renewed just now.
 * @param renewedAt Epoch milliseconds of our own clock, as of `now`.
 */
export function needsRenewal(renewAt: string | null, renewedAt: number, now: number): boolean {
  if (renewAt === null || now < Date.parse(renewAt)) return false;
  return now - renewedAt >= renewalSecondsMin * 1000;
}

const tripsMax = 4;
const tripsWithinMs = 10_000;
export const tripsSeconds = tripsWithinMs / 1000;

/**
 * The silent trips of the last ten seconds with this one added, as the small cookie keeps them; null when that is one
 * too many: a provider or vault that keeps nothing must not spin the browser.
 */
export function anotherTrip(kept: string | undefined, now: number): string | null {
  const trips = (kept ?? "")
    .split(".")
    .map(Number)
    .filter((at) => at > now - tripsWithinMs && at <= now);
  return trips.length >= tripsMax ? null : [...trips, now].join(".");
}
