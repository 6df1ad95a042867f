"use client";

import { type ReactNode, useState } from "react";
import { browserKey } from "../browser/key.ts";

/** Makes sure this browser has its key, then goes to the company's sign-in. */
export function SigninButton({ world, to, host }: { world: string; to: string; host: string }): ReactNode {
  const [state, setState] = useState<"ready" | "going" | "failed">("ready");
  const [trouble, setTrouble] = useState("");
  const go = (): void => {
    setState("going");
    start(world, to).then(
      // `replace`: Back leads to the page before, not to a sign-in that is over.
      (url) => location.replace(url),
      (error: unknown) => {
        setTrouble(error instanceof Error ? error.message : "The sign-in could not start.");
        setState("failed");
      },
    );
  };
  return (
    <>
      <button type="button" className="button main" onClick={go} disabled={state === "going"}>
        {state === "going" ? "Going to the company's sign-in…" : "Sign in with SSO"}
      </button>
      <p className="hint">{host}</p>
      <div role="alert">{state === "failed" ? <p>{trouble}</p> : null}</div>
      <noscript>
        <p>Signing in needs JavaScript: each request is signed by a key that this browser keeps.</p>
      </noscript>
    </>
  );
}

async function start(world: string, to: string): Promise<string> {
  const { thumbprint } = await browserKey(world);
  const response = await fetch("/session/start", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jkt: thumbprint, to }),
  });
  const body = await response.json();
  if (response.ok && typeof body.url === "string") return body.url;
  throw new Error(typeof body.detail === "string" ? body.detail : "The sign-in could not start.");
}
