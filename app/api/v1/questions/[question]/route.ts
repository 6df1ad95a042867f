import { reading, taking } from "../../../guard.ts";
import { questionRoute } from "../../../questions.ts";

/** GET: one question's rows. Its parameters are the query's; `format=csv` answers all rows as CSV. */
export const GET = reading((asking) => questionRoute(asking, asking.params["question"] ?? ""));

const other = taking("GET", "HEAD");

export { other as DELETE, other as OPTIONS, other as PATCH, other as POST, other as PUT };
