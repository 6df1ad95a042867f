"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect } from "react";

/** Reads the page again every few seconds while it is looked at: for sessions that live and revocations that fill. */
export function Live({ every }: { every: number }): ReactNode {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") router.refresh();
    }, every * 1000);
    return () => clearInterval(timer);
  }, [router, every]);
  return null;
}
