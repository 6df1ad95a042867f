import type { ReactNode } from "react";
import type { RevocationLine } from "#/core/views.ts";
import { roleHref } from "../words.ts";
import { RowKeys } from "./row-keys.tsx";
import { countsWords } from "./states.tsx";
import { Time } from "./time.tsx";

export function RevocationsTable({
  lines,
  now,
  withRole = true,
}: {
  lines: readonly RevocationLine[];
  now: Date;
  withRole?: boolean;
}): ReactNode {
  return (
    <RowKeys>
      <table className="table entries">
        <caption className="sr-only">Revocations</caption>
        <thead>
          <tr>
            <th scope="col">Cutoff</th>
            {withRole ? <th scope="col">Role</th> : null}
            <th scope="col">Who revoked, and why</th>
            <th scope="col">What came of it</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Line key={line.revocation.revocation_id} line={line} now={now} withRole={withRole} />
          ))}
        </tbody>
      </table>
    </RowKeys>
  );
}

function Line({ line, now, withRole }: { line: RevocationLine; now: Date; withRole: boolean }): ReactNode {
  const { revocation, counts } = line;
  const href = roleHref(revocation.role);
  return (
    <tr>
      <td className="tight first">
        <a className="link" href={`/revocations/${revocation.revocation_id}`}>
          <Time at={revocation.cutoff} now={now} seconds />
        </a>
      </td>
      {withRole ? (
        <td>
          {href === null ? line.role_name : <a href={href}>{line.role_name}</a>}
          <span className="sub">{line.account_name}</span>
        </td>
      ) : null}
      <td className="wide-cell">
        {revocation.asked_by_name}
        <span className="sub">{revocation.reason}</span>
      </td>
      <td className="wide-cell">
        {revocation.failure === null ? (
          countsWords(counts)
        ) : (
          <span className="text-denied">✕ not written: {revocation.failure}</span>
        )}
      </td>
    </tr>
  );
}
