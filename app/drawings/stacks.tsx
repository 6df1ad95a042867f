"use client";

import { scaleLinear } from "d3-scale";
import type { ReactNode } from "react";
// Recharts' primitives render on the server, its chart containers do not (3.10.1).
import { Curve, Rectangle, Surface } from "recharts";
import { type Stack, stackNames, stackTotal } from "./stack.ts";

const height = 160;

/** Columns of stacked bars in a box that stretches; labels are HTML beside it, so that they never stretch along. */
export function Stacks({ of }: { of: readonly Stack[] }): ReactNode {
  const top = Math.max(1, ...of.map(stackTotal));
  const y = scaleLinear([0, top], [0, height]);
  const width = of.length * 10;
  return (
    <Surface
      width={width}
      height={height}
      viewBox={{ x: 0, y: 0, width, height }}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {of.map((stack, index) => (
        <g key={stack.at}>{bars(stack, index * 10, y)}</g>
      ))}
    </Surface>
  );
}

function bars(stack: Stack, x: number, y: (n: number) => number): ReactNode[] {
  let below = 0;
  return stackNames.map((name) => {
    if (stack[name] === 0) return null;
    // One session among hundreds is still drawn: what is rare is what matters here.
    const tall = Math.max(name === "outside" ? 3 : 1, y(stack[name]) - 1);
    const top = height - y(below) - tall;
    below += stack[name];
    return <Rectangle key={name} className={name} x={x + 1} y={top} width={8} height={tall} />;
  });
}

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
    x: Math.round(x(index) * 10) / 10,
    y: Math.round(y(value) * 10) / 10,
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
