import { reading } from "../../guard.ts";
import { questionRoute } from "../../questions.ts";

/** GET: sessions one may see: the question `sessions`. */
export const GET = reading((asking) => questionRoute(asking, "sessions"));
