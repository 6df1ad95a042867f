import { appOrigin, isSecure } from "./auth/names.ts";

/** Headers that every answer carries, whoever made it: pages by `proxy.ts`, the API by `app/api/guard.ts`. */
export const guarding = (): readonly (readonly [string, string])[] => (isSecure() ? [...always, transport] : always);

const always = [
  // `no-referrer` would make form posts send `Origin: null`.
  ["referrer-policy", "same-origin"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["permissions-policy", "camera=(), microphone=(), geolocation=(), browsing-topics=()"],
] as const;
const transport = ["strict-transport-security", "max-age=63072000"] as const;

/** Null where the request asks for the app by its own name; else the sentence of the 421 (DNS rebinding). */
export function misdirected(host: string | null): string | null {
  const app = new URL(appOrigin());
  return host === app.host ? null : `Roletrail answers at ${app.origin} only.`;
}
