import { scaleLinear } from "d3-scale";
import type { ReactNode } from "react";

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
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`);
  return (
    <svg className={`spark ${tone}`} viewBox="0 0 64 16" aria-hidden="true">
      <polyline points={points.join(" ")} strokeLinejoin="round" />
    </svg>
  );
}
