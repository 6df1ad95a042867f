import { CSPProvider } from "@base-ui/react/csp-provider";
import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { settings } from "./auth/names.ts";
import { mono, sans, sansExtended } from "./fonts.ts";
import "./css/globals.css";
import { themeCookie, themeOf } from "./theme.ts";

export const metadata: Metadata = { title: { default: "Roletrail", template: "%s · Roletrail" } };

export const viewport: Viewport = {
  colorScheme: "light dark",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#ffffff" },
    { media: "(prefers-color-scheme: dark)", color: "#15181b" },
  ],
};

export default async function Layout({ children }: { children: ReactNode }) {
  // A nonce CSP needs every page rendered for its request: a static page would have all its scripts blocked.
  await connection();
  const theme = themeOf((await cookies()).get(themeCookie)?.value);
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    <html
      lang="en"
      data-world={settings().ROLETRAIL_WORLD}
      data-theme={theme === "system" ? undefined : theme}
      className={`${sans.variable} ${sansExtended.variable} ${mono.variable}`}
      suppressHydrationWarning
    >
      <body>
        <CSPProvider disableStyleElements {...(nonce === undefined ? {} : { nonce })}>
          {children}
        </CSPProvider>
      </body>
    </html>
  );
}
