"use client";

import { Dialog } from "@base-ui/react/dialog";
import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { z } from "zod";

/** What `/palette` answers: everything a name can open, gathered for who is signed in. */
export const PaletteItems = z.object({
  items: z.array(z.object({ group: z.string(), words: z.string(), more: z.string(), href: z.string() })),
});
type Items = z.infer<typeof PaletteItems>["items"];

/** Roles, people, questions and deeds by name; a session by its id or access key. */
export function Palette({
  open,
  setOpen,
  given,
}: {
  open: boolean;
  setOpen: (open: boolean) => void;
  given: string;
}): ReactNode {
  const router = useRouter();
  const [items, failed] = useItems(open);
  const [text, setText] = useState("");
  const found = useFound(open, text.trim());
  useEffect(() => {
    if (open) setText(given);
  }, [open, given]);

  const go = (href: string): void => {
    setOpen(false);
    router.push(href);
  };

  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup className="dialog palette" aria-label="Find anything">
          <Command label="Find anything" loop>
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder="Role, person, question, session id or access key"
            />
            <Command.List>
              <Command.Empty>
                {failed
                  ? "Names could not be read just now. A session id or access key still opens."
                  : text.trim().length < 3
                    ? "Nothing by that name. From three letters on the trail is searched as well."
                    : "Nothing by that name, here or in the trail"}
              </Command.Empty>
              {looksLikeSession(text) ? (
                <Command.Group heading="Session">
                  <Command.Item value={text} onSelect={() => go(`/sessions/${encodeURIComponent(text.trim())}`)}>
                    <span className="mono">{text.trim()}</span>
                    <small>open this session</small>
                  </Command.Item>
                </Command.Group>
              ) : null}
              <Groups items={items} go={go} />
              <Groups items={found} go={go} keyword={text} />
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** `keyword`: the text these were found by, though their own words may not hold it. */
function Groups({ items, go, keyword }: { items: Items; go: (href: string) => void; keyword?: string }): ReactNode {
  const headings = [...new Set(items.map(({ group }) => group))];
  return headings.map((heading) => (
    <Command.Group key={heading} heading={heading}>
      {items
        .filter(({ group }) => group === heading)
        .map((item) => (
          <Command.Item
            key={item.href + item.words}
            value={`${item.words} ${item.more} ${item.href}`}
            {...(keyword === undefined ? {} : { keywords: [keyword] })}
            onSelect={() => go(item.href)}
          >
            <span>{item.words}</span>
            <small>{item.more}</small>
          </Command.Item>
        ))}
    </Command.Group>
  ));
}

const looksLikeSession = (text: string): boolean => /^\s*(s_[a-z2-7]{20}|A[SK]IA[A-Z0-9]{8,124})\s*$/.test(text);

/** What the trail knows by this text: session names, callers, roles, access keys. Asked once the typing rests. */
function useFound(open: boolean, text: string): Items {
  const [found, setFound] = useState<Items>([]);
  useEffect(() => {
    if (!open || text.length < 3) {
      setFound([]);
      return;
    }
    const gone = new AbortController();
    const read = async (): Promise<void> => {
      const response = await fetch(`/palette?${new URLSearchParams({ q: text })}`, { signal: gone.signal });
      const parsed = PaletteItems.safeParse(response.ok ? await response.json() : null);
      if (parsed.success && !gone.signal.aborted) setFound(parsed.data.items);
    };
    // A trail that does not answer leaves the names of the page's own, which are there already.
    const timer = setTimeout(() => void read().catch(() => undefined), 150);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [open, text]);
  return found;
}

/** Read anew at each opening: roles and people change. */
function useItems(open: boolean): [Items, boolean] {
  const [items, setItems] = useState<Items>([]);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!open) return;
    const gone = new AbortController();
    const read = async (): Promise<void> => {
      const response = await fetch("/palette", { signal: gone.signal });
      const parsed = PaletteItems.safeParse(response.ok ? await response.json() : null);
      setFailed(!parsed.success);
      if (parsed.success) setItems(parsed.data.items);
    };
    read().catch(() => setFailed(!gone.signal.aborted));
    return () => gone.abort();
  }, [open]);
  return [items, failed];
}
