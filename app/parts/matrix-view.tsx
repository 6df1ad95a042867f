import type { ReactNode } from "react";
import type { Rows } from "#/queries/catalogue.ts";
import type { Cell } from "../drawings/cell.ts";
import { Matrix, type MatrixCaller, type MatrixOf } from "../drawings/matrix.tsx";
import type { Visit } from "../page-of.tsx";
import { names, question } from "../reading.ts";
import type { Window } from "../window.ts";
import { count } from "../words.ts";
import { Behind } from "./behind.tsx";
import { Empty } from "./head.tsx";
import { Inspector } from "./inspector.tsx";
import { labelsOf } from "./labels.ts";
import { originMark } from "./mark.tsx";
import { originOf } from "./sessions-table.tsx";
import { shown } from "./shown.ts";

type Row = Rows["assumption-matrix"];

interface MatrixParams {
  readonly since: string;
  readonly until: string;
  readonly include_services: boolean;
  readonly account: string | null;
  readonly api: string | null;
  readonly way: string | null;
  readonly role: string | null;
}

/** Pairs read, those seen most: what is drawn has room for half as many. */
const pairsMax = 1_000;
/** More rows or columns than this no eye follows; the rest is in the table, and its number is said. */
const callersMax = 32;
const rolesMax = 18;
/** Whoever came outside is few and what one looks for: so many of them, and of their roles, are always drawn. */
const outsideKept = 10;

/** The matrix with its inspector: the chosen cell is in the URL, so it works without script and can be sent. */
export async function MatrixView(visit: Visit, window: Window, params: MatrixParams) {
  const answer = await question("assumption-matrix", { ...params, top: pairsMax });
  const rows = answer.rows.filter((row) => row.role !== null);
  const chosen = chosenOf(visit, rows);
  const cells = cellsOf(rows);
  const cell = chosen === null ? null : cells(chosen.caller, chosen.role);
  const named = await names(rows.map(({ who }) => who));
  const inspecting =
    chosen === null || cell === null ? Promise.resolve(null) : Inspector({ visit, window, chosen, cell, named });
  const of = matrixOf(visit, rows, named, chosen);
  const inspected = await inspecting;
  const drawn: ReactNode = (
    <>
      <div className={inspected === null ? "cols" : "cols matrix-side"}>
        <div>
          <section className="card" aria-label="Matrix" data-keep-place>
            {rows.length === 0 ? (
              <Empty title="Nobody took a role in this time with these filters">
                Each AssumeRole call fills a cell. Choose a longer time, or show service callers.
              </Empty>
            ) : (
              <Matrix of={of.drawn} caption="Sessions by caller and role" />
            )}
            <footer>
              <Behind question="assumption-matrix" params={{ ...params }} />
            </footer>
          </section>
          {rows.length === 0 ? null : (
            <p className="hint mt-2.5">
              Darker is more sessions (log scale). ✕ counts refusals where none succeeded. Press Enter on a cell for its
              sessions.
              {beyond(of.callers - callersMax, of.roles - rolesMax)}
            </p>
          )}
        </div>
        {inspected === null ? null : inspected.drawn}
      </div>
    </>
  );
  return { drawn, answers: [answer, inspected?.answer ?? null] };
}

/** What of the pairs is drawn, and how many callers and roles there are in all. */
function matrixOf(
  { path, search, me }: Visit,
  rows: readonly Row[],
  named: (id: string) => string,
  chosen: MatrixOf["chosen"],
): { drawn: MatrixOf; callers: number; roles: number } {
  const callers = callersOf(rows, named);
  const roles = rolesOf(rows);
  const outsideRoles = new Set(rows.filter((row) => kindOf(row) === "outside").map(({ role }) => role));
  const label = labelsOf(roles, named, me.accounts);
  const cells = cellsOf(rows);
  const columns = drawnOf(roles, rolesMax, (role) => outsideRoles.has(role));
  const lines = drawnOf(callers, callersMax, ({ kind }) => kind === "outside");
  const drawn = {
    callers: lines,
    roles: columns.map((role) => ({ role, label: label(role) })),
    cells: lines.map(({ caller }) => columns.map((role) => cells(caller, role))),
    path,
    search,
    chosen,
  };
  return { drawn, callers: callers.length, roles: roles.length };
}

/** The first `max` in their order, where the first few that are kept in any case push out the tail of the others. */
function drawnOf<Item>(all: readonly Item[], max: number, isKept: (item: Item) => boolean): readonly Item[] {
  const drawn = new Set([...new Set([...all.filter(isKept).slice(0, outsideKept), ...all])].slice(0, max));
  return all.filter((item) => drawn.has(item));
}

const beyond = (callers: number, roles: number): string => {
  const parts = [
    callers > 0 ? `${count(callers)} callers with fewer` : null,
    roles > 0 ? `${count(roles)} roles with fewer` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "" : ` ${parts.join(" and ")} are in the table.`;
};

function kindOf(row: Row): MatrixCaller["kind"] {
  const mark = originMark(originOf({ way: row.way, origin: row.way }));
  if (row.way === "refused")
    return row.who_kind === "service" ? "service" : row.who_kind === "person" ? "broker" : "outside";
  return mark === "broker" ? "broker" : mark === "outside" ? "outside" : "service";
}

/** People first, then whoever came outside, services last; each by their sessions. */
const order: Readonly<Record<MatrixCaller["kind"], number>> = { broker: 0, outside: 1, service: 2 };

function callersOf(rows: readonly Row[], named: (id: string) => string): MatrixCaller[] {
  const callers = new Map<string, MatrixCaller>();
  for (const row of rows) {
    const before = callers.get(row.who);
    const kind = before === undefined || order[kindOf(row)] < order[before.kind] ? kindOf(row) : before.kind;
    callers.set(row.who, {
      caller: row.who,
      name: shown(row.who, named),
      kind,
      all: (before?.all ?? 0) + row.succeeded,
      person: row.who_kind === "person",
    });
  }
  return [...callers.values()].sort(
    (a, b) =>
      order[a.kind] - order[b.kind] ||
      Number(b.person) - Number(a.person) ||
      b.all - a.all ||
      (a.name < b.name ? -1 : 1),
  );
}

function rolesOf(rows: readonly Row[]): string[] {
  const roles = new Map<string, number>();
  for (const { role, succeeded, failed } of rows)
    if (role !== null) roles.set(role, (roles.get(role) ?? 0) + succeeded + failed);
  return [...roles].sort((a, b) => b[1] - a[1]).map(([role]) => role);
}

function cellsOf(rows: readonly Row[]): (caller: string, role: string) => Cell | null {
  const cells = new Map<string, Cell>();
  for (const { who, role, succeeded, failed } of rows) {
    const before = cells.get(`${who}\n${role}`);
    cells.set(`${who}\n${role}`, {
      succeeded: succeeded + (before?.succeeded ?? 0),
      failed: failed + (before?.failed ?? 0),
    });
  }
  return (caller, role) => cells.get(`${caller}\n${role}`) ?? null;
}

/** The cell of the URL; on a fresh page the fullest one of a person or an outsider. */
function chosenOf({ search }: Visit, rows: readonly Row[]): { caller: string; role: string } | null {
  const caller = search.get("caller");
  const role = search.get("role_cell");
  if (caller !== undefined && role !== undefined) return { caller, role };
  const fullest = [...rows]
    .filter((row) => kindOf(row) !== "service")
    .sort((a, b) => Number(b.who_kind === "person") - Number(a.who_kind === "person") || b.succeeded - a.succeeded)[0];
  return fullest === undefined || fullest.role === null ? null : { caller: fullest.who, role: fullest.role };
}
