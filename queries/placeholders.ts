/**
 * A question's text with each `:name` replaced, and nothing in comments or quotes touched. DuckDB takes `$name`; Athena
 * takes `?`, one value for each occurrence in order, so `found` repeats a name as often as it occurs.
 */
export function placeholders(
  sql: string,
  replacement: (name: string) => string,
): { readonly text: string; readonly found: readonly string[] } {
  const found: string[] = [];
  const text = sql.replace(tokens, (token, name: string | undefined) => {
    if (name === undefined) return token;
    found.push(name);
    return replacement(name);
  });
  return { text, found };
}

// A comment, a quoted text or name, or `:name` that no other colon stands before.
const tokens = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![:\w]):([a-z_]\w*)/g;
