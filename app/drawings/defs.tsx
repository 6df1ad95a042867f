import type { ReactNode } from "react";

/** What the drawings share, once a page: the hatching of what can no longer be used. */
export function Defs(): ReactNode {
  return (
    <svg width="0" height="0" aria-hidden="true" style={{ position: "absolute" }}>
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-50)">
          <line className="hatch-line" x1="0" y1="0" x2="0" y2="6" />
        </pattern>
        <path id="cross" d="m-3.5-3.5 7 7m0-7-7 7" />
      </defs>
    </svg>
  );
}
