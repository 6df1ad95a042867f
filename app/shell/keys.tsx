"use client";

import { Dialog } from "@base-ui/react/dialog";
import { type ReactNode, useEffect, useState } from "react";
import { typing } from "./search.tsx";

const keys = [
  ["/", "search"],
  ["⌘ K or Ctrl K", "find a role, person, question or session, by any part of its name"],
  ["↑ ↓", "rows of a table"],
  ["← → ↑ ↓", "cells of the matrix"],
  ["⌘ Enter or Ctrl Enter", "run the SQL"],
  ["Enter", "open what is focused; the first hit on My roles"],
  ["Esc", "close"],
  ["?", "these keys"],
] as const;

/** `?` shows the keys. */
export function Keys(): ReactNode {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.key !== "?" || typing(event.target)) return;
      event.preventDefault();
      setOpen(true);
    };
    const ask = (): void => setOpen(true);
    document.addEventListener("keydown", key);
    document.addEventListener("roletrail:keys", ask);
    return () => {
      document.removeEventListener("keydown", key);
      document.removeEventListener("roletrail:keys", ask);
    };
  }, []);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup className="dialog">
          <div className="flex items-center justify-between px-4 pt-3 pb-1">
            <Dialog.Title className="font-semibold">Keys</Dialog.Title>
            <Dialog.Close className="button small">Close</Dialog.Close>
          </div>
          <dl className="terms px-4 pb-4">
            {keys.map(([key, words]) => (
              <KeyLine key={words} pressed={key} words={words} />
            ))}
          </dl>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function KeyLine({ pressed, words }: { pressed: string; words: string }): ReactNode {
  return (
    <>
      <dt>
        <kbd>{pressed}</kbd>
      </dt>
      <dd>{words}</dd>
    </>
  );
}
