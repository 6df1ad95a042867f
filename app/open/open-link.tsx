"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";

interface Trouble {
  readonly detail: string;
  readonly help: string;
}

/** Swaps the link's code for a cookie, once, and leaves no trace of it in the history. */
export function OpenLink({ to }: { to: string }): ReactNode {
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const begun = useRef(false);
  useEffect(() => {
    // React runs effects twice in development, and a code is spent once.
    if (begun.current) return;
    begun.current = true;
    const code = location.hash.slice(1);
    history.replaceState(null, "", "/open");
    void swap(code).then((failed) => (failed === null ? location.replace(to) : setTrouble(failed)));
  }, [to]);
  if (trouble === null) return <h1>Opening…</h1>;
  return (
    <div role="alert">
      <h1>This link does not open Roletrail</h1>
      <p>{trouble.detail}</p>
      <p>{trouble.help}</p>
    </div>
  );
}

const unanswered: Trouble = { detail: "Roletrail did not answer.", help: "Try the link again in a minute." };

async function swap(code: string): Promise<Trouble | null> {
  try {
    const response = await fetch("/open/swap", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code }),
    });
    if (response.ok) return null;
    const { detail, help } = await response.json();
    return { detail: String(detail), help: String(help ?? "") };
  } catch {
    return unanswered;
  }
}
