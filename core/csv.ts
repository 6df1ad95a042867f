/** What a cell of an answer can be. Lists become their JSON text. */
type Cell = unknown;

/**
 * Rows as CSV (RFC 4180, CRLF), columns in the given order.
 *
 * Formula-safe: a text that a spreadsheet would take for a formula gets a leading apostrophe, because cells hold what
 * strangers wrote into CloudTrail (user agents, session names). Numbers are left alone.
 */
export function csvOf(columns: readonly string[], rows: readonly Readonly<Record<string, Cell>>[]): string {
  const lines = [columns.map(textCell), ...rows.map((row) => columns.map((column) => cell(row[column])))];
  return lines.map((cells) => `${cells.join(",")}\r\n`).join("");
}

function cell(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return textCell(typeof value === "string" ? value : JSON.stringify(value));
}

/** `=`, `+`, `-`, `@`, `|`, `%`, tab and line ends begin a formula in some spreadsheet, also behind spaces and in full width. */
function textCell(text: string): string {
  const safe = /^\s*[=+\-@|%\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
