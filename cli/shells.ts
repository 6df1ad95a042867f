/**
 * How variables are set in each shell, so that whatever a value holds, the shell sets exactly that text; one without a
 * value is unset.
 */
type Variables = Readonly<Record<string, string | undefined>>;
type Write = (variables: Variables) => string;

const each = (
  variables: Variables,
  write: (name: string, value: string) => string,
  unset: (name: string) => string,
): string =>
  Object.entries(variables)
    .map(([name, value]) => `${value === undefined ? unset(name) : write(name, value)}\n`)
    .join("");

// biome-ignore format: the columns are the point
export const shells = {
  sh:         (variables) => each(variables, (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,                                (name) => `unset ${name}`),
  fish:       (variables) => each(variables, (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, "\\$&")}'`,                              (name) => `set -e ${name}`),
  powershell: (variables) => each(variables, (name, value) => `$env:${name} = '${value.replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`, (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`),
  cmd:        (variables) => each(variables, (name, value) => `set "${name}=${value}"`,                                                         (name) => `set "${name}="`),
  json:       (variables) => `${JSON.stringify(variables, null, 2)}\n`,
} as const satisfies Record<string, Write>;
