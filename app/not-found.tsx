import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";

export const metadata: Metadata = { title: "Nothing is here" };

/** Next's own has inline styles, which the content security policy stops. What is not yours looks the same. */
export default function NotFound(): ReactNode {
  return (
    <main className="signin">
      <h1>Nothing is here</h1>
      <p>There is no such page, or it is not one you may see.</p>
      <p>
        <Link href="/">Roles</Link>
      </p>
    </main>
  );
}
