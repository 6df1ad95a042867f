import { reading } from "../../guard.ts";
import { viewed } from "../../viewed.ts";

/** GET: who is signed in, and their powers. */
export const GET = reading(({ credentials }) => viewed("me", {}, credentials));
