import type { Metadata } from "next";
import type { ReactNode } from "react";
import { OpenLink } from "./open-link.tsx";

export const metadata: Metadata = { title: "Open" };

/** Where the start's one-time link leads: its code is behind `#`, which no server and no log sees. */
export default function Page(): ReactNode {
  return (
    <main className="signin">
      <p className="wordmark">Roletrail</p>
      <OpenLink />
      <noscript>
        <p>Opening the link needs JavaScript.</p>
      </noscript>
    </main>
  );
}
