"use client";

import type { ReactNode } from "react";

/** A fault: what was shown cannot be, and the log has the rest under the digest. */
export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}): ReactNode {
  return (
    <main className="page mx-auto max-w-[640px]" id="page">
      <h1>Something broke on our side</h1>
      <div className="body">
        <div className="note denied" role="alert">
          <div className="grid gap-1">
            <p>This page could not be drawn. Nothing was changed by looking at it.</p>
            <p className="hint">Credentials already handed out keep working; other pages may still open.</p>
            {error.digest === undefined ? null : (
              <p className="hint">
                The log has it under <span className="mono">{error.digest}</span>.
              </p>
            )}
          </div>
        </div>
        <p className="flex gap-2.5">
          <button type="button" className="button main" onClick={reset}>
            Try again
          </button>
          <a className="button" href="/" data-hard>
            My roles
          </a>
        </p>
      </div>
    </main>
  );
}
