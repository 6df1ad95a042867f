import { Refusal } from "./refusal.ts";
import type { Minted } from "./wire.ts";

/** How a credential is written down for a shell, a file or an SDK. The only place that lays secrets into text. */
// biome-ignore format: the columns are the point
export const formats = {
  posix:              { title: "bash, zsh",          write: posix },
  fish:               { title: "fish",               write: fish },
  powershell:         { title: "PowerShell",         write: powershell },
  cmd:                { title: "cmd.exe",            write: cmd },
  nushell:            { title: "nushell",            write: nushell },
  profile:            { title: "~/.aws/credentials", write: profile },
  dotenv:             { title: ".env",               write: dotenv },
  json:               { title: "JSON",               write: json },
  credential_process: { title: "credential_process", write: credentialProcess },
} as const satisfies Record<string, { title: string; write: (minted: Credential, profile: string) => string }>;

export type Format = keyof typeof formats;

/** What of a mint the formats need. */
export type Credential = Pick<Minted, "credentials" | "region" | "endpoint_url">;

/**
 * The credential in one format, ending in a newline. Values are quoted for where they go: whatever they hold, the shell
 * sets exactly that text.
 *
 * @param profileName section of `~/.aws/credentials`, for `profile`.
 * @throws Refusal `request.invalid` for a value the format cannot carry (a newline in an ini file, `%` in cmd).
 */
export function writeCredential(format: Format, minted: Credential, profileName = "roletrail"): string {
  return formats[format].write(minted, profileName);
}

/**
 * The same text with dots for its secrets. Dots are put in afterwards: as a value, a format might not carry them.
 */
export function writeMasked(format: Format, minted: Credential, profileName?: string): string {
  const { SecretAccessKey, SessionToken } = minted.credentials;
  const credentials = { ...minted.credentials, SecretAccessKey: "RoletrailSecret0", SessionToken: "RoletrailToken0" };
  return writeCredential(format, { ...minted, credentials }, profileName)
    .replace("RoletrailSecret0", "•".repeat(Math.min(40, SecretAccessKey.length)))
    .replace("RoletrailToken0", `${"•".repeat(28)} ${SessionToken.length.toLocaleString("en-US")} characters`);
}

/** Names are ours, so they need no quoting. AWS_PROFILE would win over the keys in several SDKs: it goes. */
function variablesOf({ credentials, region, endpoint_url }: Credential): readonly (readonly [string, string])[] {
  return [
    ["AWS_ACCESS_KEY_ID", credentials.AccessKeyId],
    ["AWS_SECRET_ACCESS_KEY", credentials.SecretAccessKey],
    ["AWS_SESSION_TOKEN", credentials.SessionToken],
    ["AWS_CREDENTIAL_EXPIRATION", credentials.Expiration],
    ["AWS_REGION", region],
    ["AWS_DEFAULT_REGION", region],
    ...(endpoint_url === undefined ? [] : [["AWS_ENDPOINT_URL", endpoint_url] as const]),
  ];
}

const lines = (all: readonly string[]): string => `${all.join("\n")}\n`;

function posix(minted: Credential): string {
  const quoted = (text: string): string => `'${noNul(text).replaceAll("'", "'\\''")}'`;
  return lines(["unset AWS_PROFILE", ...variablesOf(minted).map(([name, value]) => `export ${name}=${quoted(value)}`)]);
}

function fish(minted: Credential): string {
  // In fish's single quotes only \ and ' are special.
  const quoted = (text: string): string => `'${noNul(text).replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  return lines([
    "set -e AWS_PROFILE",
    ...variablesOf(minted).map(([name, value]) => `set -gx ${name} ${quoted(value)}`),
  ]);
}

function powershell(minted: Credential): string {
  // PowerShell closes a single-quoted string with typographic quotes, too.
  const quoted = (text: string): string => `'${noNul(text).replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`;
  return lines([
    "Remove-Item Env:AWS_PROFILE -ErrorAction SilentlyContinue",
    ...variablesOf(minted).map(([name, value]) => `$env:${name} = ${quoted(value)}`),
  ]);
}

/** `set "NAME=value"` takes all but these literally; `%` and `!` would expand, and a quote has no escape. */
function cmd(minted: Credential): string {
  const safe = (name: string, text: string): string => refuseChars(name, text, /["%!\p{Cc}]/u, "cmd.exe");
  const set = variablesOf(minted).map(([name, value]) => `set "${name}=${safe(name, value)}"`);
  return `${['set "AWS_PROFILE="', ...set].join("\r\n")}\r\n`;
}

function nushell(minted: Credential): string {
  const escaped = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  const quoted = (text: string): string => `"${noNul(text).replace(/["\\\p{Cc}]/gu, escaped)}"`;
  return lines([
    "hide-env -i AWS_PROFILE",
    ...variablesOf(minted).map(([name, value]) => `$env.${name} = ${quoted(value)}`),
  ]);
}

/** One section for `~/.aws/credentials`. A newline would start another section; ` #` and ` ;` begin a comment for some SDKs. */
function profile({ credentials, region, endpoint_url }: Credential, name: string): string {
  if (!/^[\w+=,.@/-]{1,100}$/.test(name)) {
    throw new Refusal("request.invalid", "A profile's name has letters, digits and + = , . @ / - _ only.");
  }
  const value = (key: string, text: string): string =>
    `${key} = ${refuseChars(key, text, /\p{Cc}|\s[#;]|^\s|\s$/u, "~/.aws/credentials")}`;
  return lines([
    `[${name}]`,
    value("aws_access_key_id", credentials.AccessKeyId),
    value("aws_secret_access_key", credentials.SecretAccessKey),
    value("aws_session_token", credentials.SessionToken),
    value("region", region),
    ...(endpoint_url === undefined ? [] : [value("endpoint_url", endpoint_url)]),
  ]);
}

/** Unquoted, because Docker keeps quotes as part of the value; so only what needs none is written. */
function dotenv(minted: Credential): string {
  const safe = (name: string, text: string): string => refuseChars(name, text, /[^\w+/=:.,@-]/, ".env");
  return lines(variablesOf(minted).map(([name, value]) => `${name}=${safe(name, value)}`));
}

function json({ credentials, region, endpoint_url }: Credential): string {
  return lines([JSON.stringify({ Credentials: credentials, Region: region, EndpointUrl: endpoint_url }, null, 2)]);
}

/** Version is the number 1; without Expiration the SDKs would never refresh. */
function credentialProcess({ credentials }: Credential): string {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials;
  return lines([JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey, SessionToken, Expiration })]);
}

function refuseChars(name: string, text: string, not: RegExp, where: string): string {
  if (!not.test(text)) return text;
  throw new Refusal("request.invalid", `${name} holds a character that ${where} cannot carry safely.`, {
    help: "Take another format, JSON carries everything.",
  });
}

/** No environment variable can hold NUL: everything after it would vanish in silence. */
function noNul(text: string): string {
  return refuseChars("A value", text, /\0/, "an environment variable");
}
