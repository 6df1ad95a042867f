import type { Beside, Ledger } from "./ledger.ts";
import { Refusal } from "./refusal.ts";

/** Whose deed it is. */
interface Deed {
  readonly ledger: Ledger;
  readonly person_id: string;
  readonly deed: string;
  readonly role: string | null;
}

/**
 * A refusal of `work` goes to the ledger before it goes to the person, with the rows `beside` it. Faults pass through.
 * @throws Blocked when one of those rows cannot be written.
 */
export async function recordRefusal<T>({ ledger, ...deed }: Deed, work: () => Promise<T>, beside?: Beside): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) {
      await ledger.append({ kind: "refused", body: { ...deed, code: error.code, detail: error.message } }, beside);
    }
    throw error;
  }
}
