import type { Metadata } from "next";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { Refusal } from "#/core/refusal.ts";
import type { Status } from "#/core/wire-signin.ts";
import { linkCookie, sessionCookie, ticketOf } from "../auth/cookie.ts";
import { appOrigin } from "../auth/names.ts";
import { ownPath } from "../auth/way.ts";
import { ask } from "../invoke.ts";
import { alive } from "../session.ts";
import { Brand } from "../shell/brand.tsx";
import { SigninButton } from "./button.tsx";
import { type Said, saidOf } from "./words.ts";

export const metadata: Metadata = { title: "Sign in" };

type Search = Promise<Record<string, string | string[] | undefined>>;

/** Waits for a click always: after a sign-out the company's own session may still live. */
export default async function Page({ searchParams }: { searchParams: Search }): Promise<ReactNode> {
  const { why, to } = await searchParams;
  const way = ownPath(typeof to === "string" ? to : null, appOrigin());
  const status = await statusOrWhy();
  if (typeof status === "string") return <Frame said={saidOf(status)} />;
  if (why === undefined && (await isSignedIn())) redirect(way);
  // Where the link comes first, a sign-in without it would be refused at its end.
  if (status.link && (await linkCookie()) === undefined) return <Frame said={saidOf("signin.required")} />;
  return (
    <Frame said={saidOf(typeof why === "string" ? why : undefined)}>
      {status.signin === null ? null : (
        <SigninButton world={status.world} to={way} host={new URL(status.signin.issuer).host} />
      )}
      {status.simulated ? (
        <>
          <div className="edge" />
          <p className="hint">
            <span className="simulated">SIMULATED</span> The company, its people and its AWS accounts are made up.
          </p>
        </>
      ) : null}
    </Frame>
  );
}

function Frame({ said, children }: { said: Said | null; children?: ReactNode }): ReactNode {
  return (
    <main className="signin">
      <Brand />
      <h1>{said?.title ?? "Sign in"}</h1>
      {said === null ? (
        <p>Who may become whom in AWS, who did, and how to stop them.</p>
      ) : (
        <div role={said.tone === "failed" ? "alert" : "status"}>
          <p>{said.sentence}</p>
          {said.help === null ? null : <p>{said.help}</p>}
        </div>
      )}
      {children}
    </main>
  );
}

async function statusOrWhy(): Promise<Status | string> {
  try {
    return await ask("status", {});
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    return "functions.down";
  }
}

async function isSignedIn(): Promise<boolean> {
  const cookie = await sessionCookie();
  return cookie !== null && (await alive(ticketOf(cookie)).catch(() => null)) !== null;
}
