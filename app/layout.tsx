import type { Metadata } from "next";
import { connection } from "next/server";
import type { ReactNode } from "react";

export const metadata: Metadata = { title: { default: "Roletrail", template: "%s · Roletrail" } };

export default async function Layout({ children }: { children: ReactNode }) {
  // A nonce CSP needs every page rendered for its request: a static page would have all its scripts blocked.
  await connection();
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
