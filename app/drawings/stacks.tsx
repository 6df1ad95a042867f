"use client";

import { scaleLinear } from "d3-scale";
import type { ReactNode } from "react";
// Recharts' primitives render on the server, its chart containers do not (3.10.1).
import { Curve, Surface } from "recharts";
import { round } from "./round.ts";
import { type Stack, stackNames, stackTotal } from "./stack.ts";

const height = 160;

/**
 * Columns of stacked bars in a box that stretches; labels are HTML beside it, so that they never stretch along. One shape
 * for all bars of a kind: as elements of their own they were most of what the drawing cost.
 */
export function Stacks({ of }: { of: readonly Stack[] }): ReactNode {
  const width = of.length * 10;
  return (
    <Surface
      width={width}
      height={height}
      viewBox={{ x: 0, y: 0, width, height }}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {shapesOf(of).map(([name, d]) => (
        <path key={name} className={name} d={d} />
      ))}
    </Surface>
  );
}

/** The kinds that have bars, in the order in which they are stacked. */
function shapesOf(stacks: readonly Stack[]): (readonly [name: keyof typeof none, d: string])[] {
  const y = scaleLinear([0, Math.max(1, ...stacks.map(stackTotal))], [0, height]);
  const shapes = { ...none };
  for (const [index, stack] of stacks.entries()) {
    let below = 0;
    for (const name of stackNames) {
      if (stack[name] === 0) continue;
      // One session among hundreds is still drawn: what is rare is what matters here.
      const tall = Math.max(name === "outside" ? 3 : 1, y(stack[name]) - 1);
      shapes[name] += `M${index * 10 + 1},${round(height - y(below) - tall)}h8v${round(tall)}h-8Z`;
      below += stack[name];
    }
  }
  return stackNames.flatMap((name) => (shapes[name] === "" ? [] : [[name, shapes[name]] as const]));
}

const none = { service: "", broker: "", outside: "", refused: "" };

/** A figure's last days in 64 × 16 px. The numbers stand in the table; this only shows the shape. */
export function Spark({
  values,
  tone = "trail",
}: {
  values: readonly number[];
  tone?: "trail" | "denied" | "outside";
}): ReactNode {
  if (values.length < 2) return null;
  const x = scaleLinear([0, values.length - 1], [0, 64]);
  const y = scaleLinear([0, Math.max(1, ...values)], [15, 1]);
  const points = values.map((value, index) => ({
    x: round(x(index)),
    y: round(y(value)),
  }));
  return (
    <Surface
      className={`spark ${tone}`}
      width={64}
      height={16}
      viewBox={{ x: 0, y: 0, width: 64, height: 16 }}
      aria-hidden="true"
    >
      <Curve type="linear" points={points} fill="none" />
    </Surface>
  );
}
