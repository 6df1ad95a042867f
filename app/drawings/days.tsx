"use client";

import type { ReactNode } from "react";
import { Mark, type MarkKind } from "../parts/mark.tsx";
import { count, day } from "../words.ts";
import { stackTotal } from "./stack.ts";
import { Stacks } from "./stacks.tsx";

export interface DayBar {
  /** "2026-11-13" or an hour "2026-11-13T05:00:00Z". */
  readonly at: string;
  readonly service: number;
  readonly broker: number;
  readonly outside: number;
  readonly refused: number;
  readonly href: string;
}

/**
 * Sessions a day, stacked: services, broker, outside, denied. Each column is a link to that day's sessions. Drawn in the
 * browser too, as the flow is: its numbers are sent once, and no tree beside its HTML.
 */
export function Days({ bars, now }: { bars: readonly DayBar[]; now: Date }): ReactNode {
  const top = Math.max(1, ...bars.map(stackTotal));
  return (
    <div className="days">
      <span className="grid" style={{ top: 14 }} aria-hidden="true">
        {count(top)}
      </span>
      <Stacks of={bars} />
      <nav className="columns" aria-label="Sessions by day">
        {bars.map((bar) => (
          <a key={bar.at} href={bar.href}>
            <span className="tip">{barWords(bar, now)}</span>
          </a>
        ))}
      </nav>
      <Axis bars={bars} now={now} />
    </div>
  );
}

function Axis({ bars, now }: { bars: readonly DayBar[]; now: Date }): ReactNode {
  const every = Math.max(1, Math.ceil(bars.length / 5));
  return (
    <div className="axis" aria-hidden="true">
      {bars.map((bar, index) =>
        index % every === 0 ? (
          <span key={bar.at} style={place(index / bars.length)}>
            {axisWords(bar.at, now)}
          </span>
        ) : null,
      )}
    </div>
  );
}

const place = (share: number): { left?: string; right?: string } =>
  share > 0.9 ? { right: "0" } : { left: `${(share * 100).toFixed(2)}%` };

const axisWords = (at: string, now: Date): string => (at.length > 10 ? at.slice(11, 16) : day(`${at}T00:00:00Z`, now));

function barWords(bar: DayBar, now: Date): string {
  const parts = [
    `${count(bar.broker)} through the broker`,
    bar.service > 0 ? `${count(bar.service)} by services or the console` : null,
    bar.outside > 0 ? `${count(bar.outside)} outside` : null,
    bar.refused > 0 ? `${count(bar.refused)} denied` : null,
  ];
  return `${axisWords(bar.at, now)}: ${parts.filter((part) => part !== null).join(", ")}`;
}

const legend: readonly { readonly mark: MarkKind; readonly words: string; readonly color: string }[] = [
  { mark: "broker", words: "through the broker", color: "text-trail" },
  { mark: "service", words: "services, console", color: "text-service" },
  { mark: "outside", words: "outside", color: "text-outside" },
  { mark: "refused", words: "denied", color: "text-denied" },
];

export function DaysLegend(): ReactNode {
  return (
    <span className="legend">
      {legend.map(({ mark, words, color }) => (
        <span key={mark} className={`inline-flex items-center gap-1.5 ${color}`}>
          <Mark kind={mark} />
          {words}
        </span>
      ))}
    </span>
  );
}
