import { deed, taking } from "../../guard.ts";

/** POST: one short-lived credential, shown once. */
export const POST = deed("mint");

const other = taking("POST");

export { other as DELETE, other as GET, other as OPTIONS, other as PATCH, other as PUT };
