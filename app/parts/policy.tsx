import type { ReactNode } from "react";

/** A policy as a person reads one. It is written without the white space. */
export const Policy = ({ text }: { text: string }): ReactNode => <pre className="code">{laidOut(text)}</pre>;

function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
