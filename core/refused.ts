import type { Ledger } from "./ledger.ts";
import { Refusal } from "./refusal.ts";

/** Whose deed it is. */
interface Deed {
  readonly ledger: Ledger;
  readonly person_id: string;
  readonly deed: string;
  readonly role: string | null;
}

/** A refusal of `work` goes to the ledger before it goes to the person. Faults pass through. */
export async function recordRefusal<T>({ ledger, ...deed }: Deed, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) {
      await ledger.append({ kind: "refused", body: { ...deed, code: error.code, detail: error.message } });
    }
    throw error;
  }
}
