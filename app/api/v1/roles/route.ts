import { reading, taking } from "../../guard.ts";
import { viewed } from "../../viewed.ts";

/** GET: the roles one's groups allow, with terms. */
export const GET = reading(async ({ credentials }) => {
  const { roles } = await viewed("roles", {}, credentials);
  return { items: roles };
});

const other = taking("GET", "HEAD");

export { other as DELETE, other as OPTIONS, other as PATCH, other as POST, other as PUT };
