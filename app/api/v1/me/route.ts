import { reading, taking } from "../../guard.ts";
import { viewed } from "../../viewed.ts";

/** GET: who is signed in, and their powers. */
export const GET = reading(({ credentials }) => viewed("me", {}, credentials));

const other = taking("GET", "HEAD");

export { other as DELETE, other as OPTIONS, other as PATCH, other as POST, other as PUT };
