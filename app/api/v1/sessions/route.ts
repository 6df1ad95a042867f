import { reading, taking } from "../../guard.ts";
import { questionRoute } from "../../questions.ts";

/** GET: sessions one may see: the question `sessions`. */
export const GET = reading((asking) => questionRoute(asking, "sessions"));

const other = taking("GET", "HEAD");

export { other as DELETE, other as OPTIONS, other as PATCH, other as POST, other as PUT };
