import type { ReactNode } from "react";
import type { RevocationLine } from "#/core/views.ts";
import type { Rows } from "#/queries/catalogue.ts";
import { clock, day, roleName, serviceName, sessionHref, visible } from "../words.ts";
import { Mark } from "./mark.tsx";
import { RowKeys } from "./row-keys.tsx";
import { Time } from "./time.tsx";

type Call = Rows["session-calls"];

/** Every call of a session with the cutoff drawn in the list where it fell. */
export function CallsTable({
  calls,
  cut,
  now,
}: {
  calls: readonly Call[];
  cut: RevocationLine | null;
  now: Date;
}): ReactNode {
  const cutoff = cut === null ? Number.POSITIVE_INFINITY : Date.parse(cut.revocation.cutoff);
  const before = calls.filter((call) => Date.parse(call.happened_at) < cutoff);
  const after = calls.slice(before.length);
  return (
    <RowKeys>
      <table className="table entries">
        <caption className="sr-only">Every call of the session</caption>
        <thead>
          <tr>
            <th scope="col">UTC</th>
            <th scope="col">Service</th>
            <th scope="col">Call</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          <Days calls={before} now={now} cutoff={cutoff} />
          {cut === null || (after.length === 0 && calls.length > 0 && cutoff > now.getTime()) ? null : (
            <CutRow cut={cut} now={now} />
          )}
          <Days calls={after} now={now} cutoff={cutoff} />
        </tbody>
      </table>
    </RowKeys>
  );
}

function Days({ calls, now, cutoff }: { calls: readonly Call[]; now: Date; cutoff: number }): ReactNode {
  return calls.map((call, index) => {
    const changed = call.happened_at.slice(0, 10) !== calls[index - 1]?.happened_at.slice(0, 10);
    const today = call.happened_at.slice(0, 10) === now.toISOString().slice(0, 10);
    return (
      <CallRow
        key={call.event_id}
        call={call}
        date={changed && !today ? day(call.happened_at, now) : null}
        cutoff={cutoff}
      />
    );
  });
}

function CallRow({ call, date, cutoff }: { call: Call; date: string | null; cutoff: number }): ReactNode {
  return (
    <tr className={call.outcome === "denied" ? "denied-row" : ""}>
      <td className="tight first">
        {date === null ? null : <span className="sub">{date}</span>}
        <time className="mono" dateTime={call.happened_at}>
          {clock(call.happened_at)}
        </time>
      </td>
      <td className="tight text-ink-2">{serviceName(call.source)}</td>
      <td className="wide-cell">
        <code>{visible(call.name)}</code>
        {call.invoked_by === null ? null : <span className="sub">made by {serviceName(call.invoked_by)} for it</span>}
      </td>
      <td className="wide-cell">
        <Outcome call={call} cutoff={cutoff} />
      </td>
    </tr>
  );
}

function Outcome({ call, cutoff }: { call: Call; cutoff: number }): ReactNode {
  if (call.outcome === "denied")
    return (
      <>
        <span className="came-in refused">
          <Mark kind="refused" />
          denied
        </span>
        <span className="sub">{deniedWords(call, cutoff)}</span>
      </>
    );
  return (
    <>
      {call.outcome === "failed" ? (
        `failed, ${call.error_code ?? "no code"}`
      ) : (
        <span className="text-ink-2">allowed</span>
      )}
      <Further call={call} cutoff={cutoff} />
    </>
  );
}

const explicitDeny = /explicit deny in an? (identity|inline)/i;

function deniedWords(call: Call, cutoff: number): string {
  const bites = Date.parse(call.happened_at) >= cutoff && explicitDeny.test(call.error_message ?? "");
  if (bites) return "explicit deny in an identity policy: this is the revocation biting";
  return visible(call.error_message ?? call.error_code ?? "");
}

function Further({ call, cutoff }: { call: Call; cutoff: number }): ReactNode {
  if (call.opened_session_id !== null)
    return (
      <span className="sub">
        →{" "}
        <a className="link" href={sessionHref(call.opened_session_id)}>
          {call.role === null ? "the session it opened" : roleName(call.role)}
        </a>
      </span>
    );
  if (Date.parse(call.happened_at) >= cutoff && call.name === "GetCallerIdentity")
    return <span className="sub">always answers; not a leak</span>;
  const parts = [
    call.joined_by === "ambiguous" ? "another session fits as well" : null,
    call.category === "Data" ? "data event" : null,
    call.outcome === "failed" && call.error_message !== null ? visible(call.error_message) : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : <span className="sub">{parts.join(" · ")}</span>;
}

function CutRow({ cut, now }: { cut: RevocationLine; now: Date }): ReactNode {
  const { revocation, role_name } = cut;
  return (
    <tr className="cut-row">
      <td className="tight first">
        <time className="mono" dateTime={revocation.cutoff}>
          {clock(revocation.cutoff)}
        </time>
      </td>
      <td colSpan={3} className="wide-cell">
        <span className="inline-flex flex-wrap items-baseline gap-x-1.5">
          <b className="inline-flex items-center gap-1 font-semibold">
            <Mark kind="cut" />
            cutoff
          </b>
          <a className="hover:underline" href={`/revocations/${revocation.revocation_id}`}>
            {revocation.asked_by_name} revoked sessions of {role_name} issued before{" "}
            <Time at={revocation.cutoff} now={now} seconds />
          </a>
        </span>
      </td>
    </tr>
  );
}
