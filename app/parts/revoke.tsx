"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, type ReactNode, useState } from "react";
import { restoreFields } from "../browser/form.ts";
import { ownWords } from "../browser/own-words.ts";
import { type Came, revokeDeed } from "../deeds.ts";
import { counted } from "../words.ts";
import { NeedsScript } from "./needs-script.tsx";
import { Said } from "./problem.tsx";

/** The reason and the button that says the count. */
export function Revoke({
  arn,
  hits,
  blocked,
  back,
}: {
  arn: string;
  hits: number;
  blocked: boolean;
  back: string;
}): ReactNode {
  const router = useRouter();
  const [said, setSaid] = useState<Came<never>["said"]>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const reason = String(new FormData(form).get("reason") ?? "").trim();
    setBusy(true);
    setSaid(null);
    const came = await revokeDeed({ role: arn, reason }, form);
    if (came.made !== null) {
      router.push(`/revocations/${came.made.revocation_id}`);
      return;
    }
    setBusy(false);
    setSaid(came.said);
  };

  return (
    <form ref={restored} name="revoke" className="grid gap-3" onSubmit={(event) => void submit(event)}>
      <div className="field">
        <label htmlFor="reason">Reason, kept in the ledger</label>
        <input
          id="reason"
          name="reason"
          required
          maxLength={256}
          autoComplete="off"
          {...ownWords("Say why: it is kept in the ledger with the revocation.")}
        />
      </div>
      {said === null ? null : <Said {...said} />}
      <div className="flex flex-wrap gap-2.5">
        <button type="submit" className="button ends solid" disabled={busy || blocked}>
          {busy ? "Writing the policy" : hits === 0 ? "Revoke older sessions" : `Revoke ${counted(hits, "session")}`}
        </button>
        <a className="button" href={back}>
          Cancel
        </a>
      </div>
      <NeedsScript deed="Revoking" />
      <p className="hint">
        Minting for this role pauses until the policy is read back and the cutoff is past. You will see each session
        bite.
      </p>
    </form>
  );
}

/** What was typed outlives a silent renewal of the sign-in, which reloads the page. */
const restored = (form: HTMLFormElement | null): void => {
  if (form !== null) restoreFields(form);
};
