"use client";

import type { ReactNode } from "react";
import type { FlowKind } from "../drawings/flow-layout.ts";
import { count } from "../words.ts";
import { Mark } from "./mark.tsx";
import { Soft } from "./soft.tsx";

export interface FlowLine {
  readonly hop: number;
  readonly mark: FlowKind;
  readonly source: string;
  readonly from: string;
  readonly target: string | null;
  readonly to: string;
  readonly way: string;
  readonly sessions: number;
}

/** The numbers of the flow. */
export function FlowTable({ lines }: { lines: readonly FlowLine[] }): ReactNode {
  return (
    <table className="table entries mt-1">
      <thead>
        <tr>
          <th scope="col">Hop</th>
          <th scope="col">From</th>
          <th scope="col">To</th>
          <th scope="col" className="n">
            Sessions
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={`${line.hop} ${line.source} ${line.target} ${line.way}`}>
            <td data-label="hop">{line.hop}</td>
            <td className="wrap" title={line.source}>
              <Mark kind={line.mark} /> <Soft name={line.from} />
            </td>
            <td className="wrap" title={line.target ?? ""}>
              <Soft name={line.to} />
            </td>
            <td className="n">{count(line.sessions)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
