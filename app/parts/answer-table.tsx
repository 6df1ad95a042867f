import type { ReactNode } from "react";
import { type Field, questions } from "#/queries/catalogue.ts";
import type { Visit } from "../page-of.tsx";
import type { QuestionName } from "../reading.ts";
import { hrefWith } from "../search-params.ts";
import { count, roleHref, roleName, sessionHref, visible } from "../words.ts";
import { Empty } from "./head.tsx";
import { Mark } from "./mark.tsx";
import { RowKeys } from "./row-keys.tsx";
import { shown } from "./shown.ts";
import { Soft } from "./soft.tsx";
import { Time } from "./time.tsx";

type Value = unknown;
type AnyRow = Readonly<Record<string, Value>>;

/** Columns a page shows at first; the header orders them by what its reader asks. */
const columnsShown = 8;

/** Any question's rows as a table: types and names of its header say how each value is written. */
export function AnswerTable({
  name,
  rows,
  visit,
  names,
}: {
  name: QuestionName;
  rows: readonly object[];
  visit: Visit;
  names: (id: string) => string;
}): ReactNode {
  const { columns, title } = questions[name];
  const all = visit.search.get("columns") === "all" || columns.length <= columnsShown + 1;
  const fields = all ? columns : columns.slice(0, columnsShown);
  if (rows.length === 0)
    return (
      <Empty title="No row in this time with these filters">
        The question was answered whole; nothing in the trail fits it. Choose a longer time, take filters off, or give
        what it asks for above.
      </Empty>
    );
  return (
    <RowKeys>
      <table className="table entries">
        <caption className="sr-only">{title}</caption>
        <thead>
          <tr>
            {fields.map((field) => (
              <th key={field.name} scope="col" className={isNumber(field) ? "n" : ""} title={field.about}>
                {headOf(field.name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // A question's rows have no identity of their own; they are never reordered on the page.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <Row key={index} row={asRow(row)} fields={fields} names={names} now={visit.now} />
          ))}
        </tbody>
      </table>
      {columns.length > columnsShown + 1 ? (
        <p className="hint px-4 py-2" data-keep-place>
          <a className="link" href={hrefWith(visit.path, visit.search, { columns: all ? null : "all" })}>
            {all ? `Show the first ${columnsShown} columns` : `Show all ${columns.length} columns`}
          </a>
        </p>
      ) : null}
    </RowKeys>
  );
}

const asRow = (row: object): AnyRow => Object.fromEntries(Object.entries(row));

const isNumber = ({ type }: Field): boolean => type === "bigint" || type === "double";

/** "first_call_at" → "First call", "source_ip" → "Source IP". */
function headOf(name: string): string {
  const words = name
    .replace(/_(at|id)$/, "")
    .replaceAll("_", " ")
    .replaceAll(/\b(api|ip|ips|mfa)\b/g, (short) => (short === "ips" ? "IPs" : short.toUpperCase()));
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** As `headOf`, within a line: what is written in capitals stays so. */
const labelOf = (name: string): string => headOf(name).replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());

function Row({
  row,
  fields,
  names,
  now,
}: {
  row: AnyRow;
  fields: readonly Field[];
  names: (id: string) => string;
  now: Date;
}): ReactNode {
  const denied = row["outcome"] === "denied" || row["outcome"] === "failed";
  return (
    <tr>
      {fields.map((field, index) => (
        <td
          key={field.name}
          className={`${isNumber(field) ? "n" : ""} ${isNamed(field) ? "wrap" : ""} ${index === 0 ? "first" : ""}`}
          data-label={index === 0 || row[field.name] === null ? undefined : labelOf(field.name)}
        >
          {denied && field.name === "outcome" ? <Mark kind="refused" /> : null}
          <Written field={field} value={row[field.name]} names={names} now={now} />
        </td>
      ))}
    </tr>
  );
}

function Written({
  field,
  value,
  names,
  now,
}: {
  field: Field;
  value: Value;
  names: (id: string) => string;
  now: Date;
}): ReactNode {
  if (value === null || value === undefined) return <span className="text-ink-3 max-phone:hidden">–</span>;
  if (field.type === "timestamp" && typeof value === "string") return <Time at={value} now={now} seconds />;
  if (isNumber(field) && typeof value === "number") return count(value);
  if (field.type === "boolean") return value === true ? "yes" : "no";
  if (field.type === "json") return <Listed value={value} />;
  return <Text name={field.name} text={String(value)} names={names} />;
}

const listMax = 4;

function Listed({ value }: { value: Value }): ReactNode {
  if (!Array.isArray(value)) return <code>{JSON.stringify(value)}</code>;
  const texts = value.slice(0, listMax).map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
  const more = value.length - listMax;
  return `${texts.map(visible).join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}`;
}

const sessionColumns = new Set([
  "session_id",
  "parent_session_id",
  "root_session_id",
  "caller_session_id",
  "opened_session_id",
]);
const callerColumns = new Set(["caller", "who", "source", "root_caller", "person_id", "source_identity"]);
const roleColumns = new Set(["role", "target"]);
const wrapped = new Set(["session_name", "reason", "why", "error_message"]);
/** Long names wrap, so that the numbers beside them stay in sight. */
const isNamed = ({ name }: Field): boolean => callerColumns.has(name) || roleColumns.has(name) || wrapped.has(name);
const exact = new Set(["event_id", "access_key_id", "principal_id", "mint_id", "file", "policy", "issuance_id", "key"]);

function Text({ name, text, names }: { name: string; text: string; names: (id: string) => string }): ReactNode {
  if (sessionColumns.has(name))
    return (
      <a className="link mono" href={sessionHref(text)}>
        {text.slice(0, 10)}
      </a>
    );
  if (roleColumns.has(name)) return <RoleText arn={text} />;
  if (callerColumns.has(name))
    return (
      <span title={text}>
        <Soft name={shown(text, names)} />
      </span>
    );
  if (exact.has(name))
    return <code className={name === "file" ? "break-all" : "whitespace-nowrap"}>{visible(text)}</code>;
  return <Soft name={visible(text)} />;
}

function RoleText({ arn }: { arn: string }): ReactNode {
  const href = roleHref(arn);
  if (href === null) return <span title={arn}>{visible(arn)}</span>;
  return (
    <a href={href} title={arn} className="hover:underline">
      <Soft name={roleName(arn)} />
    </a>
  );
}
