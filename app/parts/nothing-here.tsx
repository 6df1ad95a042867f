import type { ReactNode } from "react";

/** Absent and not yours look the same: same words, same status. */
export function NothingHere(): ReactNode {
  return (
    <div className="max-w-[640px]">
      <h1>Nothing is here, or it is not yours to see</h1>
      <div className="body">
        <p className="text-ink-2">
          What was asked for does not exist, or your groups do not open it. Both look the same from outside.
        </p>
        <p className="text-ink-2">
          A grant or a power in access.yaml would open it; the platform team adds them. A session from an old link opens
          by its access key too.
        </p>
        <p>
          <a className="link" href="/">
            My roles
          </a>
        </p>
      </div>
    </div>
  );
}
