import type { ReactNode } from "react";
import { Mark, type MarkKind } from "../parts/mark.tsx";
import { count, counted } from "../words.ts";
import { MatrixKeys } from "./matrix-keys.tsx";

export interface Cell {
  readonly succeeded: number;
  readonly failed: number;
}

export interface MatrixCaller {
  readonly caller: string;
  readonly name: string;
  readonly kind: "broker" | "outside" | "service";
  readonly all: number;
  readonly person: boolean;
}

export interface MatrixOf {
  readonly callers: readonly MatrixCaller[];
  readonly roles: readonly string[];
  readonly label: (role: string) => string;
  readonly cell: (caller: string, role: string) => Cell | null;
  readonly href: (caller: string, role: string) => string;
  readonly chosen: { readonly caller: string; readonly role: string } | null;
}

/** Caller by role on a log scale; a cross counts refusals where none succeeded. Every cell is a link; arrows move. */
export function Matrix({ of, caption }: { of: MatrixOf; caption: string }): ReactNode {
  // The columns' keys are sent with every row: short ones.
  const columns = of.roles.map((role, place) => ({ role, key: `c${place}` }));
  const top = Math.max(1, ...of.callers.flatMap(({ caller }) => of.roles.map((role) => most(of.cell(caller, role)))));
  return (
    <MatrixKeys>
      <table className="matrix">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <td />
            {of.roles.map((role) => (
              <th key={role} scope="col" title={role}>
                <span>{of.label(role)}</span>
              </th>
            ))}
            <th scope="col">
              <span>all</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {of.callers.map((caller) => (
            <Row key={caller.caller} of={of} caller={caller} columns={columns} top={top} />
          ))}
        </tbody>
      </table>
    </MatrixKeys>
  );
}

const most = (cell: Cell | null): number => cell?.succeeded ?? 0;

const kindMarks: Record<MatrixCaller["kind"], MarkKind> = { broker: "broker", outside: "outside", service: "service" };
const kindWords: Record<MatrixCaller["kind"], string> = {
  broker: "through the broker",
  outside: "outside the broker",
  service: "service",
};

function Row({
  of,
  caller,
  columns,
  top,
}: {
  of: MatrixOf;
  caller: MatrixCaller;
  columns: readonly { readonly role: string; readonly key: string }[];
  top: number;
}): ReactNode {
  return (
    <tr>
      <th scope="row" title={caller.caller}>
        <span className="flex items-center gap-2">
          <Mark kind={kindMarks[caller.kind]} label={kindWords[caller.kind]} />
          <span className="truncate">{caller.name}</span>
        </span>
      </th>
      {columns.map(({ role, key }) => (
        <td key={key}>{cellLink(of, caller, role, top)}</td>
      ))}
      <td className="all">{count(caller.all)}</td>
    </tr>
  );
}

/** Nothing at all for an empty cell: most are, and its look is the table cell's own. */
function cellLink(of: MatrixOf, caller: MatrixCaller, role: string, top: number): ReactNode {
  const cell = of.cell(caller.caller, role);
  if (cell === null || (cell.succeeded === 0 && cell.failed === 0)) return null;
  const chosen = of.chosen?.caller === caller.caller && of.chosen.role === role;
  const refusedOnly = cell.succeeded === 0;
  return (
    <a
      className={`cell ${refusedOnly ? "refused" : caller.kind}`}
      data-level={refusedOnly ? undefined : level(cell.succeeded, top)}
      href={of.href(caller.caller, role)}
      aria-current={chosen ? "true" : undefined}
      aria-label={`${caller.name} to ${of.label(role)}: ${cellWords(cell)}`}
    >
      {refusedOnly ? `✕${count(cell.failed)}` : count(cell.succeeded)}
    </a>
  );
}

export function cellWords({ succeeded, failed }: Cell): string {
  const refused = `${count(failed)} refused`;
  if (succeeded === 0) return refused;
  return failed === 0 ? counted(succeeded, "session") : `${counted(succeeded, "session")}, ${refused}`;
}

/** 1 to 5 on a log scale of the largest cell. */
export function level(n: number, top: number): number {
  if (top <= 1) return 3;
  return 1 + Math.min(4, Math.floor((Math.log(n) / Math.log(top)) * 4.001));
}
