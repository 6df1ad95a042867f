import { deed } from "../../guard.ts";

/** POST: one short-lived credential, shown once. */
export const POST = deed("mint");
