import { deed } from "../../guard.ts";

/** POST `{sql}`: one SELECT over the facts, for who has the power ask-sql; rows as any question answers them. */
export const POST = deed("ask", ({ rows, ...rest }) => ({ items: rows, ...rest }));
