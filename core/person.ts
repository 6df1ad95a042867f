/**
 * Who asks. Made in two places only: `app/session.ts` (to draw pages) and, inside functions, `core/proof.ts` (from the
 * vault to read, with a proof to act). `id` is (issuer, immutable claim) keyed; name and e-mail are display only.
 */
export interface Person {
  readonly id: string;
  readonly issuer: string;
  readonly claim: string;
  readonly groups: readonly string[];
  readonly groups_state: "complete" | "missing" | "overage";
  readonly name: string;
  /** ISO time of the authentication itself (`auth_time`), not of the token. */
  readonly authenticated_at: string;
  readonly via: "browser" | "cli" | "machine" | "workload";
}
