import type { Metadata } from "next";
import type { ReactNode } from "react";
import { Brand } from "../shell/brand.tsx";
import { OpenLink } from "./open-link.tsx";

export const metadata: Metadata = { title: "Open" };

/** Where the start's one-time link leads: its code is behind `#`, which no server and no log sees. */
export default function Page(): ReactNode {
  return (
    <main className="signin">
      <Brand />
      <OpenLink />
      <noscript>
        <p>Opening the link needs JavaScript.</p>
      </noscript>
    </main>
  );
}
