"use client";

import { Tabs } from "@base-ui/react/tabs";
import { type ReactNode, useEffect, useState } from "react";
import { type Format, formats, writeCredential, writeMasked } from "#/core/formats.ts";
import { Refusal } from "#/core/refusal.ts";
import type { Minted } from "#/core/wire.ts";
import { clock, duration } from "../words.ts";
import { Live } from "./live.tsx";

const shown: readonly Format[] = ["posix", "fish", "powershell", "cmd", "nushell", "profile", "dotenv", "json"];

/** The credentials, shown once: masked until Reveal, Copy without Reveal, a tab for each shell, and the console. */
export function Credentials({
  minted,
  profileName,
  again,
}: {
  minted: Minted;
  profileName: string;
  again: () => void;
}): ReactNode {
  const [revealed, setRevealed] = useState(false);
  const [taken, setTaken] = useState(false);
  useHolding(!taken);
  const left = useSecondsLeft(minted.credentials.Expiration);
  return (
    <>
      <Live every={5} />
      <header>
        <h2>Credentials, shown once</h2>
        <span className="aside" role="timer">
          {left > 0
            ? `expire ${clock(minted.credentials.Expiration).slice(0, 5)} UTC, in ${duration(left)}`
            : "expired; take new ones"}
        </span>
      </header>
      <div className="inner">
        <Tabs.Root defaultValue="posix">
          <Tabs.List className="segments dense flex-wrap" aria-label="Shell or file" activateOnFocus>
            {shown.map((format) => (
              <Tabs.Tab key={format} value={format} title={formats[format].title}>
                {format === "profile" ? "~/.aws" : formats[format].title}
              </Tabs.Tab>
            ))}
            <Tabs.Tab value="console">Console</Tabs.Tab>
          </Tabs.List>
          {shown.map((format) => (
            <Tabs.Panel key={format} value={format} className="mt-3 grid gap-3">
              <Written
                format={format}
                minted={minted}
                profileName={profileName}
                revealed={revealed}
                reveal={() => setRevealed(!revealed)}
                took={() => setTaken(true)}
              />
            </Tabs.Panel>
          ))}
          <Tabs.Panel value="console" className="mt-3">
            <Console minted={minted} took={() => setTaken(true)} />
          </Tabs.Panel>
        </Tabs.Root>
        <p className="hint mt-3 flex flex-wrap justify-between gap-x-4 gap-y-1">
          <span>
            Gone from here when you leave. Ledger entry <span className="mono">{minted.mint_id}</span>
          </span>
          <button type="button" className="underline underline-offset-3" onClick={again}>
            Take others
          </button>
        </p>
      </div>
    </>
  );
}

function Written({
  format,
  minted,
  profileName,
  revealed,
  reveal,
  took,
}: {
  format: Format;
  minted: Minted;
  profileName: string;
  revealed: boolean;
  reveal: () => void;
  took: () => void;
}): ReactNode {
  const [copied, setCopied] = useState<"no" | "yes" | "refused">("no");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(writeCredential(format, minted, profileName));
      setCopied("yes");
      took();
    } catch {
      setCopied("refused");
    }
  };
  const text = written(() => (revealed ? writeCredential : writeMasked)(format, minted, profileName));
  if (typeof text !== "string")
    return (
      <p className="text-ink-2">
        {text.message} {text.help}
      </p>
    );
  return (
    <>
      <pre className="code" data-testid="credentials">
        {text.trimEnd()}
      </pre>
      <div className="flex flex-wrap items-center gap-2.5">
        <button type="button" className="button main" onClick={() => void copy()}>
          Copy all
        </button>
        <button type="button" className="button" aria-pressed={revealed} onClick={reveal}>
          {revealed ? "Hide" : "Reveal"}
        </button>
        <span className="hint" role="status">
          {copied === "yes" ? "Copied." : null}
          {copied === "refused" ? "The browser did not allow copying: Reveal, then copy by hand." : null}
        </span>
      </div>
    </>
  );
}

/** A format that cannot carry these credentials says so in its place: thrown, it would take all of them from the page. */
function written(write: () => string): string | Refusal {
  try {
    return write();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function Console({ minted, took }: { minted: Minted; took: () => void }): ReactNode {
  if (minted.console_url === undefined)
    return <p className="text-ink-2">{minted.console_problem ?? "No console link was made. The credentials work."}</p>;
  return (
    <div className="grid gap-2">
      <p>
        <a className="button main" href={minted.console_url} target="_blank" rel="noreferrer noopener" onClick={took}>
          Open the AWS console
        </a>
      </p>
      <p className="hint">
        As <span className="mono break-all">{minted.session_name}</span>. The link works for 15 minutes from the mint
        and signs out whoever is in that console now.
      </p>
    </div>
  );
}

/** While nothing was copied, leaving asks first: a second look is not possible. */
function useHolding(holding: boolean): void {
  useEffect(() => {
    document.documentElement.toggleAttribute("data-holding", holding);
    if (!holding) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => {
      window.removeEventListener("beforeunload", ask);
      document.documentElement.removeAttribute("data-holding");
    };
  }, [holding]);
}

function useSecondsLeft(until: string): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.round((Date.parse(until) - now) / 1000));
}
