import type { ReactNode } from "react";

export type MarkKind = "broker" | "outside" | "refused" | "service" | "ok" | "cut" | "plain";

/** The one visual language: shape carries the meaning, colour repeats it. */
export function Mark({ kind, label }: { kind: MarkKind; label?: string }): ReactNode {
  const { color, shape } = marks[kind];
  if (label === undefined)
    return (
      <svg className={`mark ${color}`} viewBox="0 0 14 14" aria-hidden="true">
        {shape}
      </svg>
    );
  return (
    <svg className={`mark ${color}`} viewBox="0 0 14 14" role="img" aria-label={label}>
      {shape}
    </svg>
  );
}

const marks: Record<MarkKind, { color: string; shape: ReactNode }> = {
  broker: { color: "text-trail", shape: <circle cx="7" cy="7" r="4.5" fill="currentColor" /> },
  outside: {
    color: "text-outside",
    shape: <path d="M7 1.8 12.2 7 7 12.2 1.8 7Z" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  },
  refused: {
    color: "text-denied",
    shape: <path d="m2.8 2.8 8.4 8.4m0-8.4-8.4 8.4" stroke="currentColor" strokeWidth="1.8" />,
  },
  service: {
    color: "text-service",
    shape: <rect x="2.8" y="2.8" width="8.4" height="8.4" rx="1" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  },
  ok: {
    color: "text-ok",
    shape: <path d="m2 7.4 3.4 3.4L12 3.6" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  },
  cut: { color: "text-ink", shape: <path d="M7 0v14" stroke="currentColor" strokeWidth="2" /> },
  plain: {
    color: "text-ink-3",
    shape: <circle cx="7" cy="7" r="4" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  },
};

export type Origin = "broker" | "outside" | "service" | "console" | "no-record";

const origins: Record<Origin, { mark: MarkKind; words: string }> = {
  broker: { mark: "broker", words: "broker" },
  outside: { mark: "outside", words: "outside the broker" },
  "no-record": { mark: "outside", words: "never seen issued" },
  service: { mark: "service", words: "service" },
  console: { mark: "service", words: "console" },
};

export const isOrigin = (text: unknown): text is Origin => typeof text === "string" && Object.hasOwn(origins, text);

/** How a session came in, by shape and word. */
export function CameIn({ origin }: { origin: Origin }): ReactNode {
  const { mark, words } = origins[origin];
  return (
    <span className={`came-in ${origin}`}>
      <Mark kind={mark} />
      {words}
    </span>
  );
}

export const originMark = (origin: Origin): MarkKind => origins[origin].mark;
