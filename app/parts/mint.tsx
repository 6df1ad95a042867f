"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Minted } from "#/core/wire.ts";
import { restoreFields } from "../browser/form.ts";
import { ownWords } from "../browser/own-words.ts";
import { type Came, mintDeed } from "../deeds.ts";
import { duration } from "../words.ts";
import { Credentials } from "./credentials.tsx";
import { Card } from "./head.tsx";
import { NeedsScript } from "./needs-script.tsx";
import { Said } from "./problem.tsx";

export interface MintOf {
  readonly arn: string;
  readonly name: string;
  readonly accountName: string;
  readonly secondsMax: number;
  readonly reasonRequired: boolean;
  /** Why the button cannot work now, in words; null where it can. */
  readonly blocked: string | null;
}

/**
 * The form with what was checked beside it; after it the credentials take its place. They live in this component alone:
 * leaving the page loses them. The page is read again after a mint, so what was checked before it is kept as it was.
 */
export function Mint({ of, checks }: { of: MintOf; checks: ReactNode }): ReactNode {
  const [minted, setMinted] = useState<{ readonly credentials: Minted; readonly checked: ReactNode } | null>(null);
  return (
    <div className="cols main-side stretch">
      <section className="card" aria-label="Credentials">
        {minted === null ? (
          <Asking of={of} got={(credentials) => setMinted({ credentials, checked: checks })} />
        ) : (
          <Credentials
            minted={minted.credentials}
            profileName={`${of.accountName}-${of.name}`}
            again={() => setMinted(null)}
          />
        )}
      </section>
      <Card title={minted === null ? "Checked before you press" : "Checked before you pressed"}>
        <div className="inner">{minted === null ? checks : minted.checked}</div>
      </Card>
    </div>
  );
}

function Asking({ of, got }: { of: MintOf; got: (minted: Minted) => void }): ReactNode {
  const router = useRouter();
  const [said, setSaid] = useState<Came<never>["said"]>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    setSaid(null);
    const came = await mintDeed(requestOf(of.arn, new FormData(form)), form);
    setBusy(false);
    setSaid(came.said);
    if (came.made === null) return;
    got(came.made);
    router.refresh();
  };

  return (
    <>
      <header>
        <h2>Get credentials</h2>
        <span className="aside">shown once, for {duration(of.secondsMax)} at most</span>
      </header>
      <form ref={restored} name="mint" className="inner grid gap-4" onSubmit={(event) => void submit(event)}>
        <Fields of={of} />
        {said === null ? null : <Said {...said} />}
        <div className="flex flex-wrap items-center gap-3">
          <button className="button main" type="submit" disabled={busy || of.blocked !== null}>
            {busy ? "Asking AWS" : "Get credentials"}
          </button>
          {of.blocked === null ? null : <span className="hint">{of.blocked}</span>}
        </div>
        <NeedsScript deed="Minting" />
      </form>
    </>
  );
}

function requestOf(role: string, fields: FormData) {
  const text = (name: string): string => String(fields.get(name) ?? "").trim();
  const reason = text("reason");
  const policy = text("session_policy");
  return {
    role,
    seconds: Number(text("seconds")),
    console: true,
    ...(reason === "" ? {} : { reason }),
    ...(policy === "" ? {} : { session_policy: policy }),
  };
}

/** What was typed outlives a silent renewal of the sign-in, which reloads the page. */
const restored = (form: HTMLFormElement | null): void => {
  if (form !== null) restoreFields(form);
};

function Fields({ of }: { of: MintOf }): ReactNode {
  const [policy, setPolicy] = useState("");
  return (
    <>
      <div className="field">
        <label htmlFor="reason">Reason{of.reasonRequired ? "" : ", if there is one"}</label>
        <input
          id="reason"
          name="reason"
          maxLength={256}
          required={of.reasonRequired}
          {...ownWords("This role asks for a reason. It is kept in the ledger.")}
          autoComplete="off"
          aria-describedby="reason-hint"
        />
        <span id="reason-hint" className="hint">
          Kept in the ledger with the mint.
        </span>
      </div>
      <div className="field">
        <label htmlFor="seconds">For how long</label>
        <select id="seconds" name="seconds" defaultValue={of.secondsMax}>
          {lengths(of.secondsMax).map((seconds) => (
            <option key={seconds} value={seconds}>
              {duration(seconds)}
            </option>
          ))}
        </select>
      </div>
      <details>
        <summary className="text-ink-2">Narrow it with a session policy</summary>
        <div className="field mt-2">
          <label htmlFor="session_policy" className="sr-only">
            Session policy, JSON
          </label>
          <textarea
            id="session_policy"
            name="session_policy"
            rows={6}
            maxLength={2048}
            spellCheck={false}
            value={policy}
            onChange={(event) => setPolicy(event.target.value)}
          />
          <span className="hint">
            {policy.length.toLocaleString("en-US")} of 2,048 characters. It only takes away from what the role allows.
          </span>
        </div>
      </details>
    </>
  );
}

function lengths(max: number): number[] {
  const usual = [900, 1800, 3600, 7200, 14_400, 28_800, 43_200].filter((seconds) => seconds < max);
  return [...usual, max];
}
