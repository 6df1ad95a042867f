import { z } from "zod";
import { iso, Ticket } from "./wire.ts";

/** What web asks of the vault. The id_token goes in and never comes out again (CONTRACTS §1). */
const b64of32 = z.string().regex(/^[\w-]{43}$/);

export const VaultRequest = z.discriminatedUnion("action", [
  /** After the provider's answer. `renews`: the person whose session (the ticket's) a silent round trip renews. */
  z.strictObject({
    action: z.literal("put"),
    id_token: z.string().min(1).max(65_536),
    jkt: b64of32,
    n: b64of32,
    renews: z
      .string()
      .regex(/^p_[a-z2-7]{16}$/)
      .nullable(),
    /** The browser's opened link, in worlds that have one. */
    link: Ticket.optional(),
  }),
  /** Who reads, for pages. */
  z.strictObject({ action: z.literal("alive") }),
  z.strictObject({ action: z.literal("delete") }),
  /** Swaps a one-time link's code for a ticket. */
  z.strictObject({ action: z.literal("open-link"), code: z.string().max(200) }),
]);
export type VaultRequest = z.infer<typeof VaultRequest>;

export const Session = z.object({
  ticket: Ticket.optional(),
  person: z.object({
    id: z.string(),
    issuer: z.string(),
    claim: z.string(),
    groups: z.array(z.string()),
    groups_state: z.enum(["complete", "missing", "overage"]),
    name: z.string(),
    authenticated_at: iso,
    via: z.enum(["browser", "cli", "machine", "workload"]),
  }),
  /** What the deeds' proof is bound to; null where a link and not a company sign-in opened the session. */
  bond: z.object({ jkt: b64of32, n: b64of32 }).nullable(),
  /** From here on a page renews the sign-in before it renders; null: never. */
  renew_at: iso.nullable(),
  ends_at: iso,
  /** Sentences about this sign-in that its person should know. */
  notices: z.array(z.string()),
});
export type Session = z.infer<typeof Session>;

/** A session (put, alive), a link's ticket and whether it is a session by itself (open-link), or nothing (delete). */
export const VaultAnswer = z.object({
  session: Session.optional(),
  link: z.object({ ticket: Ticket, enough: z.boolean(), ends_at: iso }).optional(),
});
export type VaultAnswer = z.infer<typeof VaultAnswer>;

/** What anyone may know before signing in. */
export const Status = z.object({
  world: z.string(),
  simulated: z.boolean(),
  /** The company's sign-in; null where none is configured and the link alone opens the app. */
  signin: z
    .object({
      issuer: z.string(),
      client_id: z.string(),
      discovery: z.string(),
      scope: z.string(),
      claim: z.string(),
      name_claim: z.string(),
    })
    .nullable(),
  /** The app opens through a one-time link printed on the terminal. */
  link: z.boolean(),
});
export type Status = z.infer<typeof Status>;
