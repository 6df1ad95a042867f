"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useTransition } from "react";

/**
 * Links are plain anchors, so pages work without script and long tables carry no client components; this turns a plain
 * click on one of ours into a soft navigation. Meanwhile the last answer stays, greyed (shell.css), with its time.
 */
export function SoftNav(): ReactNode {
  const router = useRouter();
  const [pending, start] = useTransition();

  useEffect(() => {
    const click = (event: MouseEvent): void => {
      const href = softHref(event);
      if (href === null) return;
      event.preventDefault();
      if (holdingSecrets() && !window.confirm("Leave? The credentials are shown once and were not copied.")) return;
      document.getElementById("nav")?.hidePopover?.();
      start(() => router.push(href, { scroll: !href.includes("#") && keepsPlace(event) === false }));
    };
    document.addEventListener("click", click);
    return () => document.removeEventListener("click", click);
  }, [router]);

  useEffect(() => {
    document.documentElement.toggleAttribute("data-pending", pending);
  }, [pending]);

  return (
    <div className="pending-note" role="status">
      {pending ? "The last answer, while the next one is read" : null}
    </div>
  );
}

/** Credentials are on show that nobody copied yet (parts/credentials.tsx). */
const holdingSecrets = (): boolean => document.documentElement.hasAttribute("data-holding");

/** Filters and cells change a part of the page: it stays where it was scrolled to. */
const keepsPlace = (event: MouseEvent): boolean =>
  event.target instanceof Element && event.target.closest("[data-keep-place]") !== null;

function softHref(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const anchor = event.target instanceof Element ? event.target.closest("a") : null;
  if (!(anchor instanceof HTMLAnchorElement) || anchor.target !== "" || anchor.hasAttribute("download")) return null;
  const to = new URL(anchor.href, location.href);
  if (to.origin !== location.origin || anchor.closest("[data-hard]") !== null) return null;
  // These leave Next's pages: the sign-in's own way, and answers that are no pages.
  if (/^\/(session\/|api\/|open|signin)/.test(to.pathname)) return null;
  const onlyHash = to.pathname === location.pathname && to.search === location.search && to.hash !== "";
  return onlyHash ? null : `${to.pathname}${to.search}${to.hash}`;
}
