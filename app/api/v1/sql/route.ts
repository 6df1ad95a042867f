import { deed, taking } from "../../guard.ts";

/** POST `{sql}`: one SELECT over the facts, for who has the power ask-sql; rows as any question answers them. */
export const POST = deed("ask", ({ rows, ...rest }) => ({ items: rows, ...rest }));

const other = taking("POST");

export { other as DELETE, other as GET, other as OPTIONS, other as PATCH, other as PUT };
