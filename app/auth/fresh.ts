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
/** Beyond this many the oldest are forgotten: a browser that opens all its tabs again is no loop. */
const tripsKept = 24;
export const tripsSeconds = tripsWithinMs / 1000;

/**
 * The silent trips of the last ten seconds with this one added, as the small cookie keeps them; null when it is one too
 * many to the same place: a provider or vault that keeps nothing must not spin the browser. Each tab has its own place.
 */
export function anotherTrip(kept: string | undefined, to: string, now: number): string | null {
  const place = shortHash(to);
  const trips = (kept ?? "").split(".").filter((trip) => {
    const at = Number(trip.split("-")[0]);
    return at > now - tripsWithinMs && at <= now;
  });
  if (trips.filter((trip) => trip.endsWith(`-${place}`)).length >= tripsMax) return null;
  return [...trips, `${now}-${place}`].slice(-tripsKept).join(".");
}

/** FNV-1a, to tell places apart; nothing is secret or trusted about it. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(36);
}
