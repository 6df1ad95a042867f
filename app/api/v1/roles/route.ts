import { reading } from "../../guard.ts";
import { viewed } from "../../viewed.ts";

/** GET: the roles one's groups allow, with terms. */
export const GET = reading(async ({ credentials }) => {
  const { roles } = await viewed("roles", {}, credentials);
  return { items: roles };
});
