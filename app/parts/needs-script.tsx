import type { ReactNode } from "react";

/** Pages are whole without script, deeds are not: what proves one is signed by a key that never leaves the browser. */
export function NeedsScript({ deed }: { deed: string }): ReactNode {
  return (
    <noscript>
      <p className="hint">{deed} needs JavaScript: the request is signed by a key that this browser keeps.</p>
    </noscript>
  );
}
