/** How variables are set in each shell, so that whatever a value holds, the shell sets exactly that text. */
type Variables = Readonly<Record<string, string>>;
type Write = (variables: Variables) => string;

const each = (variables: Variables, write: (name: string, value: string) => string): string =>
  Object.entries(variables)
    .map(([name, value]) => `${write(name, value)}\n`)
    .join("");

// biome-ignore format: the columns are the point
export const shells = {
  sh:         (variables) => each(variables, (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`),
  fish:       (variables) => each(variables, (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, "\\$&")}'`),
  powershell: (variables) => each(variables, (name, value) => `$env:${name} = '${value.replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`),
  cmd:        (variables) => each(variables, (name, value) => `set "${name}=${value}"`),
  json:       (variables) => `${JSON.stringify(variables, null, 2)}\n`,
} as const satisfies Record<string, Write>;
