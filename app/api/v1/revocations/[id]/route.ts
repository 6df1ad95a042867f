import { reading, taking } from "../../../guard.ts";
import { viewed } from "../../../viewed.ts";

/** GET: one revocation, and the state of each session it hits as the trail has it now. */
export const GET = reading(({ params, credentials }) => viewed("revocation", { id: params["id"] ?? "" }, credentials));

const other = taking("GET", "HEAD");

export { other as DELETE, other as OPTIONS, other as PATCH, other as POST, other as PUT };
