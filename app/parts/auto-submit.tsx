"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useRef, useTransition } from "react";

/** Sends the form it stands in when a choice changes, as a soft navigation to the URL the form would make. */
export function AutoSubmit(): ReactNode {
  const router = useRouter();
  const [pending, start] = useTransition();
  const anchor = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    const form = anchor.current?.closest("form");
    if (!(form instanceof HTMLFormElement)) return;
    const go = (event: Event): void => {
      event.preventDefault();
      start(() => router.push(urlOf(form), { scroll: false }));
    };
    form.addEventListener("change", go);
    form.addEventListener("submit", go);
    return () => {
      form.removeEventListener("change", go);
      form.removeEventListener("submit", go);
    };
  }, [router]);

  useEffect(() => {
    document.documentElement.toggleAttribute("data-pending", pending);
  }, [pending]);

  return <span ref={anchor} hidden />;
}

function urlOf(form: HTMLFormElement): string {
  const params = new URLSearchParams();
  for (const [name, value] of new FormData(form))
    if (typeof value === "string" && value !== "") params.set(name, value);
  const text = params.toString();
  const path = new URL(form.action, location.href).pathname;
  return text === "" ? path : `${path}?${text}`;
}
