import type { ReactNode } from "react";
import type { RevokedSession } from "#/core/wire.ts";
import { Life, type Tick } from "../drawings/life.tsx";
import { callerName, sessionHref } from "../words.ts";
import { CameIn, isOrigin, type Origin } from "./mark.tsx";
import { RowKeys } from "./row-keys.tsx";
import { StateCell } from "./states.tsx";

/** The sessions a revocation hits: before, where each life will be cut; after, what became of each. */
export function HitsTable({
  hits,
  lives,
  cutoff,
  now,
  after,
}: {
  hits: readonly RevokedSession[];
  lives: ReadonlyMap<string, readonly Tick[]>;
  cutoff: string;
  now: Date;
  after: "will" | "did";
}): ReactNode {
  return (
    <RowKeys>
      <table className="table entries">
        <caption className="sr-only">Sessions the revocation hits</caption>
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">Came in</th>
            <th scope="col">Life</th>
            <th scope="col">{after === "will" ? "After the cutoff" : "State"}</th>
          </tr>
        </thead>
        <tbody>
          {hits.map((hit) => (
            <Hit
              key={hit.session_id}
              hit={hit}
              ticks={lives.get(hit.session_id) ?? []}
              cutoff={cutoff}
              now={now}
              after={after}
            />
          ))}
        </tbody>
      </table>
    </RowKeys>
  );
}

function Hit({
  hit,
  ticks,
  cutoff,
  now,
  after,
}: {
  hit: RevokedSession;
  ticks: readonly Tick[];
  cutoff: string;
  now: Date;
  after: "will" | "did";
}): ReactNode {
  const origin = isOrigin(hit.origin) ? hit.origin : "no-record";
  return (
    <tr>
      <td className="first">
        <a className={`person-chip ${chipStyle(origin)}`} href={sessionHref(hit.session_id)} title={hit.caller}>
          {hit.person_name ?? callerName(hit.caller)}
        </a>
      </td>
      <td className="tight">
        <CameIn origin={origin} />
      </td>
      <td className="life-cell">
        <Life of={lifeOf(hit, origin, ticks, cutoff)} now={now} />
      </td>
      <td className="wide-cell">
        {after === "will" ? <Will origin={origin} /> : <StateCell session={hit} now={now} />}
      </td>
    </tr>
  );
}

const chipStyle = (origin: Origin): string =>
  origin === "broker" ? "" : origin === "service" || origin === "console" ? "service" : "outside";

function lifeOf(hit: RevokedSession, origin: Origin, ticks: readonly Tick[], cutoff: string) {
  const denied = ticks.filter((tick) => tick.denied).length;
  return {
    origin,
    issued_at: hit.issued_at,
    expires_at: hit.expires_at,
    first_call_at: ticks[0]?.at ?? hit.last_call_at,
    last_call_at: hit.last_call_at,
    ticks,
    calls: ticks.reduce((sum, tick) => sum + tick.calls, 0),
    denied,
    cutoff,
  };
}

function Will({ origin }: { origin: Origin }): ReactNode {
  if (origin === "service")
    return <span className="text-outside">will be denied; the service works again once it assumes anew</span>;
  if (origin === "outside" || origin === "no-record")
    return <span className="text-ink-2">will be denied; the key behind it lives on</span>;
  return <span className="text-ink-2">will be denied</span>;
}
