"use client";

import type { ReactNode } from "react";
import { type Bar, LifeBar } from "../drawings/life.tsx";
import { count, roleHref, roleName, sessionHref } from "../words.ts";
import { CameIn, type Origin } from "./mark.tsx";
import { RowKeys } from "./row-keys.tsx";
import { Soft } from "./soft.tsx";
import { Time } from "./time.tsx";

/** A session as its row says it. */
export interface SessionLine {
  readonly id: string;
  readonly issued: string | null;
  /** When it first called, where no issue is in the log. */
  readonly first: string | null;
  readonly who: string;
  readonly caller: string;
  readonly through: string | null;
  readonly role: string | null;
  readonly where: string | null;
  readonly made: string;
  readonly origin: Origin;
  readonly bar: Bar | null;
  readonly calls: number;
  readonly denied: number;
}

/**
 * A table of lives. Drawn by a component of the browser, too: what a server component draws is sent twice, as HTML and
 * as a tree; of these fifty rows only their data is (docs/decisions/0240).
 */
export function SessionLines({
  lines,
  caption,
  withRole,
  now,
}: {
  lines: readonly SessionLine[];
  caption: string;
  withRole: boolean;
  now: Date;
}): ReactNode {
  return (
    <RowKeys>
      <table className="table entries">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Issued</th>
            <th scope="col">Who</th>
            {withRole ? <th scope="col">Role</th> : null}
            <th scope="col">Came in</th>
            <th scope="col">Life</th>
            <th scope="col" className="n">
              Calls
            </th>
            <th scope="col" className="n">
              Denied
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Row key={line.id} line={line} withRole={withRole} now={now} />
          ))}
        </tbody>
      </table>
    </RowKeys>
  );
}

function Row({ line, withRole, now }: { line: SessionLine; withRole: boolean; now: Date }): ReactNode {
  return (
    <tr>
      <td className="tight first">
        <a className="link" href={sessionHref(line.id)}>
          <When line={line} now={now} />
        </a>
      </td>
      <td className="wrap">
        <span title={line.caller}>
          <Soft name={line.who} />
          {line.through === null ? null : (
            <span className="sub">
              through <Soft name={line.through} />
            </span>
          )}
        </span>
      </td>
      {withRole ? (
        <td className="wrap">
          <RoleCell arn={line.role} where={line.where} fallback={line.made} />
        </td>
      ) : null}
      <td className="tight">
        <CameIn origin={line.origin} />
      </td>
      <td className="life-cell">
        <LifeBar bar={line.bar} />
      </td>
      <td className="n" data-label="calls">
        {count(line.calls)}
      </td>
      <td className={`n ${line.denied > 0 ? "text-denied" : ""}`} data-label="denied">
        {count(line.denied)}
      </td>
    </tr>
  );
}

function When({ line, now }: { line: SessionLine; now: Date }): ReactNode {
  const at = line.issued ?? line.first;
  if (at === null) return "never";
  if (line.issued !== null) return <Time at={at} now={now} />;
  return (
    <>
      before <Time at={at} now={now} />
    </>
  );
}

/** A role by name and where it is; what made the session where it has none. */
export function RoleCell({
  arn,
  where,
  fallback,
}: {
  arn: string | null;
  where: string | null;
  fallback: string;
}): ReactNode {
  const sub = where === null ? null : <span className="sub">{where}</span>;
  if (arn === null)
    return (
      <span>
        <span className="text-ink-3">{fallback}</span>
        {sub}
      </span>
    );
  const href = roleHref(arn);
  const name = <Soft name={roleName(arn)} />;
  return (
    <span title={arn}>
      {href === null ? name : <a href={href}>{name}</a>}
      {sub}
    </span>
  );
}
