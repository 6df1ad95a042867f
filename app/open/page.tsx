import type { Metadata } from "next";
import type { ReactNode } from "react";
import { settings } from "../auth/names.ts";
import { Brand } from "../shell/brand.tsx";
import { OpenLink } from "./open-link.tsx";

export const metadata: Metadata = { title: "Open" };

/** Where the start's one-time link leads: its code is behind `#`, which no server and no log sees. */
export default function Page(): ReactNode {
  return (
    <main className="signin">
      <Brand />
      <OpenLink to={isTrailOnly() ? "/trail" : "/"} />
      <noscript>
        <p>Opening the link needs JavaScript.</p>
      </noscript>
    </main>
  );
}

/** A world of logs alone has no roles to take: its first page is what the logs say. */
const isTrailOnly = (): boolean => settings().ROLETRAIL_WORLD.startsWith("trail-");
