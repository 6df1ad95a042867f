import type { ReactNode } from "react";
import type { Rows } from "#/queries/catalogue.ts";
import { hrefOf, hrefWith, type Search } from "../search-params.ts";
import { counted, moment, roleHref, roleName, sessionHref } from "../words.ts";
import { Behind } from "./behind.tsx";
import { Card, Empty } from "./head.tsx";
import { Mark, type MarkKind } from "./mark.tsx";
import { shown } from "./shown.ts";

type Row = Rows["look-first"];
type Names = (id: string) => string;

/** What somebody should look at before anything else; each line leads to its proof. */
export function LookFirst({
  rows,
  names,
  now,
  search,
  params,
}: {
  rows: readonly Row[];
  names: Names;
  now: Date;
  search: Search;
  params: Readonly<Record<string, string | null>>;
}): ReactNode {
  return (
    <Card title="Look at these first" footer={<Behind question="look-first" params={params} />}>
      {rows.length === 0 ? (
        <Empty title="Nothing stands out">
          Sessions outside the broker, repeated refusals, first-seen pairs and long lives would be here.
        </Empty>
      ) : (
        <ul className="list flush border-line border-t">
          {chosen(rows).map((row) => (
            <li key={`${row.kind} ${row.who} ${row.role}`}>
              <a href={hrefFor(row, search)}>
                <Mark kind={marks[row.kind] ?? "plain"} label={row.kind.replace("-", " ")} />
                <span className="min-w-0">
                  <Line row={row} names={names} />
                  <span className="sub">{detailOf(row, names, now)}</span>
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** At most two of a kind, so that a frequent one does not push the rest out. */
function chosen(rows: readonly Row[]): readonly Row[] {
  const seen = new Map<string, number>();
  const kept = rows.filter(({ kind }) => {
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    return (seen.get(kind) ?? 0) <= 2;
  });
  return kept.slice(0, 5);
}

const marks: Readonly<Record<string, MarkKind>> = {
  outside: "outside",
  refused: "refused",
  "first-seen": "outside",
  "never-seen": "outside",
  long: "broker",
};

function Line({ row, names }: { row: Row; names: Names }): ReactNode {
  const role = row.role === null ? "a role the log does not name" : roleName(row.role);
  const who = row.who === null ? "somebody" : shown(row.who, names);
  if (row.kind === "outside")
    return (
      <>
        <b>
          {counted(row.times, "session")} of {role}
        </b>{" "}
        the broker never issued
      </>
    );
  if (row.kind === "refused")
    return (
      <>
        <b>{role}</b> refused {counted(row.times, "time")}
      </>
    );
  if (row.kind === "first-seen")
    return (
      <>
        <b>First seen</b>: {who} → {role}
      </>
    );
  if (row.kind === "never-seen")
    return (
      <>
        <b>
          {counted(row.times, "mint")} of {role}
        </b>{" "}
        never seen in the trail
      </>
    );
  return (
    <>
      <b>{counted(row.times, "session")}</b> of {role} live longer than 10 h
    </>
  );
}

const reasons: Readonly<Record<string, string>> = {
  "identity-policy": "no identity policy allows it",
  "trust-policy": "the trust policy does not fit",
  "session-policy": "a session policy forbids it",
  boundary: "a permissions boundary forbids it",
  scp: "a service control policy forbids it",
  rcp: "a resource control policy forbids it",
  "explicit-deny": "an explicit deny",
  other: "another reason",
};

function detailOf(row: Row, names: Names, now: Date): string {
  const who = row.who === null ? null : shown(row.who, names);
  const at = row.at === null ? null : moment(row.at, now);
  const details: Readonly<Record<string, (string | null)[]>> = {
    outside: [who, row.detail === null ? null : `from ${row.detail}`, at],
    refused: [who, row.detail === null ? null : (reasons[row.detail] ?? row.detail), at],
    "first-seen": [Number(row.detail) > 1 ? `hop ${row.detail}` : "directly", at],
    "never-seen": ["is its account in the trail?", at],
    long: [row.detail === null ? null : `up to ${row.detail} h`, at],
  };
  return (details[row.kind] ?? [who, at]).filter((part) => part !== null).join(", ");
}

function hrefFor(row: Row, search: Search): string {
  const role = row.role;
  if (row.kind === "refused") return hrefWith("/trail/denied-assumptions", search, { role, caller: row.who });
  if (row.kind === "outside" && row.times > 1) return hrefWith("/trail/sessions-outside-the-broker", search, { role });
  if (row.kind === "never-seen") return hrefOf("/trail/mint-reconciliation", { state: "never-seen" });
  if (row.kind === "long" && role !== null) return hrefWith("/sessions", search, { role });
  if (row.session_id !== null) return sessionHref(row.session_id);
  return (role === null ? null : roleHref(role)) ?? "/sessions";
}
