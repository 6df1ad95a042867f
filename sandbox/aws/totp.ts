import { Secret, TOTP } from "otpauth";

/**
 * The 30-second step (RFC 6238) a code belongs to, one step either side; undefined when it is none or at or before
 * `usedStep`: a code is good once.
 */
export function totpStep(seed: string, code: string, now: Date, usedStep: number | undefined): number | undefined {
  const totp = new TOTP({ secret: Secret.fromBase32(seed), digits: 6, period: 30, algorithm: "SHA1" });
  const delta = totp.validate({ token: code, timestamp: now.getTime(), window: 1 });
  if (delta === null) return undefined;
  const step = Math.floor(now.getTime() / 30_000) + delta;
  return usedStep !== undefined && step <= usedStep ? undefined : step;
}
