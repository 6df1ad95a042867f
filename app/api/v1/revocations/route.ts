import { deed, reading, taking } from "../../guard.ts";
import { viewed } from "../../viewed.ts";

/** GET: revocations of the accounts one may see, newest first, with what became of the sessions. */
export const GET = reading(async ({ credentials }) => {
  const { revocations } = await viewed("revocations", {}, credentials);
  return { items: revocations };
});

/** POST: end the older sessions of a role. */
export const POST = deed("revoke");

const other = taking("GET", "HEAD", "POST");

export { other as DELETE, other as OPTIONS, other as PATCH, other as PUT };
