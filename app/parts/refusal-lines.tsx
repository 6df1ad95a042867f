"use client";

import type { ReactNode } from "react";
import { sessionHref } from "../words.ts";
import { Mark } from "./mark.tsx";
import { RowKeys } from "./row-keys.tsx";
import { RoleCell } from "./session-lines.tsx";
import { Soft } from "./soft.tsx";
import { Time } from "./time.tsx";

/** A refused attempt as its row says it. */
export interface RefusalLine {
  readonly id: string;
  readonly at: string;
  readonly outcome: string;
  readonly caller: string;
  readonly session: string | null;
  readonly who: string;
  readonly as: string;
  readonly role: string | null;
  readonly api: string;
  readonly why: string;
  readonly reason: string | null;
  readonly said: string;
  readonly from: string | null;
}

/** Drawn as session-lines.tsx is, and why. */
export function RefusalLines({ lines, now }: { lines: readonly RefusalLine[]; now: Date }): ReactNode {
  return (
    <RowKeys>
      <table className="table entries">
        <caption className="sr-only">Each refused attempt, newest first</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Caller</th>
            <th scope="col">Role aimed at</th>
            <th scope="col">What AWS said</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Row key={line.id} line={line} now={now} />
          ))}
        </tbody>
      </table>
    </RowKeys>
  );
}

function Row({ line, now }: { line: RefusalLine; now: Date }): ReactNode {
  return (
    <tr>
      <td className="tight first">
        <Mark kind="refused" label={line.outcome} /> <Time at={line.at} now={now} seconds />
      </td>
      <td className="wrap" title={line.caller}>
        {line.session === null ? (
          <Soft name={line.who} />
        ) : (
          <a className="link" href={sessionHref(line.session)}>
            <Soft name={line.who} />
          </a>
        )}
        <span className="sub">{line.as}</span>
      </td>
      <td className="wrap">
        <RoleCell arn={line.role} where={line.api} fallback="not named" />
      </td>
      <td className="wide-cell">
        {line.why}
        <span className="sub clamp" title={line.reason ?? undefined}>
          {line.said}
        </span>
      </td>
      <td className="tight">
        <span className="mono">{line.from ?? ""}</span>
      </td>
    </tr>
  );
}
