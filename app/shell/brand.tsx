import type { ReactNode } from "react";

export function Brand(): ReactNode {
  return (
    <a className="brand" href="/">
      <svg width="22" height="20" viewBox="0 0 22 20" fill="none" aria-hidden="true">
        <path d="M4 16.5h4.5v-6H13v-6h4.5" stroke="currentColor" strokeWidth="1.8" strokeLinejoin="round" />
        <circle cx="3.6" cy="16.5" r="2.6" fill="currentColor" />
        <circle cx="18.2" cy="4.3" r="2.1" stroke="currentColor" strokeWidth="1.8" />
      </svg>
      Roletrail
    </a>
  );
}
