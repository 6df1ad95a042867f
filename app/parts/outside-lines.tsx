"use client";

import type { ReactNode } from "react";
import { type Bar, LifeBar } from "../drawings/life.tsx";
import { count, sessionHref } from "../words.ts";
import { CameIn, type Origin } from "./mark.tsx";
import { RowKeys } from "./row-keys.tsx";
import { RoleCell } from "./session-lines.tsx";
import { Soft } from "./soft.tsx";
import { Time } from "./time.tsx";

/** A session that the broker never issued, as its row says it. */
export interface OutsideLine {
  readonly id: string;
  readonly at: string | null;
  readonly origin: Origin;
  readonly who: string;
  readonly caller: string;
  readonly from: string;
  readonly role: string | null;
  readonly where: string | null;
  readonly made: string;
  readonly why: string;
  readonly bar: Bar | null;
  readonly calls: number;
}

/** Drawn as session-lines.tsx is, and why. */
export function OutsideLines({ lines, now }: { lines: readonly OutsideLine[]; now: Date }): ReactNode {
  return (
    <RowKeys>
      <table className="table entries">
        <caption className="sr-only">Sessions outside the broker, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Issued or first used</th>
            <th scope="col">Who</th>
            <th scope="col">Role</th>
            <th scope="col">How we know</th>
            <th scope="col">Life</th>
            <th scope="col" className="n">
              Calls
            </th>
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

function Row({ line, now }: { line: OutsideLine; now: Date }): ReactNode {
  return (
    <tr>
      <td className="tight first">
        <a className="link" href={sessionHref(line.id)}>
          {line.at === null ? "never" : <Time at={line.at} now={now} />}
        </a>
        <span className="sub">
          <CameIn origin={line.origin} />
        </span>
      </td>
      <td className="wrap" title={line.caller}>
        <Soft name={line.who} />
        <span className="sub">{line.from}</span>
      </td>
      <td className="wrap">
        <RoleCell arn={line.role} where={line.where} fallback={line.made} />
      </td>
      <td className="wide-cell text-ink-2">{line.why}</td>
      <td className="life-cell">
        <LifeBar bar={line.bar} />
      </td>
      <td className="n" data-label="calls">
        {count(line.calls)}
      </td>
    </tr>
  );
}
