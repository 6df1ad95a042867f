/** How pages write numbers, times and AWS's names. Pure: the clock is an argument. */

const numbers = new Intl.NumberFormat("en-US");
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export const count = (n: number): string => numbers.format(n);

/** "1 session", "3,412 sessions". */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = n;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/**
 * A name or text of the log as it can be read safely: what has no look of its own (control characters, marks that turn the
 * direction of text) is written out, and text written from right to left moves nothing that stands beside it.
 */
export function visible(text: string): string {
  const written = text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16) ?? ""}}`,
  );
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/.test(written) ? `\u2068${written}\u2069` : written;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** "09:05:02", UTC. */
export const clock = (iso: string): string => iso.slice(11, 19);

/** "13 Nov", UTC; with the year when it is another one. */
export function day(iso: string, now: Date): string {
  const at = new Date(iso);
  const text = `${at.getUTCDate()} ${months[at.getUTCMonth()]}`;
  return at.getUTCFullYear() === now.getUTCFullYear() ? text : `${text} ${at.getUTCFullYear()}`;
}

/** "09:42" today, "13 Nov 09:42" otherwise. UTC. */
export function moment(iso: string, now: Date): string {
  const at = new Date(iso);
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  return iso.slice(0, 10) === now.toISOString().slice(0, 10) ? time : `${day(iso, now)} ${time}`;
}

/** "2026-11-13 09:42:11 UTC", for titles. */
export const full = (iso: string): string => `${iso.slice(0, 10)} ${clock(iso)} UTC`;

/** "3 min ago", "in 2 h". Beside an absolute time only. */
export function distance(iso: string, now: Date): string {
  const seconds = Math.round((Date.parse(iso) - now.getTime()) / 1000);
  const text = duration(Math.abs(seconds));
  return seconds < 0 ? `${text} ago` : `in ${text}`;
}

/** "45 s", "12 min", "2 h 16 min", "3 d". */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** "1111 2222 3333". */
export const grouped = (account: string): string => account.replace(/^(\d{4})(\d{4})(\d{4})$/, "$1 $2 $3");

/** The last path segment of a role ARN; whatever else it is, as it is. */
export const roleName = (arn: string): string => visible(roleSegment(arn));

/** The same as AWS knows it: for addresses, and to compare. */
export const roleSegment = (arn: string): string =>
  /^arn:[\w-]+:iam::\d*:role\/(?:.*\/)?([^/]+)$/s.exec(arn)?.[1] ?? arn;

export const accountOf = (arn: string): string | null => /^arn:[\w-]+:\w+::(\d{12}):/.exec(arn)?.[1] ?? null;

/** "ASIAZ7…0KXE". */
export const shortKey = (key: string): string => (key.length > 12 ? `${key.slice(0, 6)}…${key.slice(-4)}` : key);

/** A caller by the rule of the facts, shortened to what tells it apart. The whole stays in the title. */
export const callerName = (caller: string): string => visible(plainCaller(caller));

function plainCaller(caller: string): string {
  const arn = /^arn:[\w-]+:(?:iam|sts)::\d*:(.+)$/s.exec(caller);
  if (arn?.[1] !== undefined) return arn[1] === "root" ? `root of ${accountOf(caller) ?? "?"}` : lastSegment(arn[1]);
  const foreign = foreignCaller(caller, () => undefined);
  if (foreign !== null) return foreign;
  const service = /^service:(.+)$/.exec(caller);
  if (service?.[1] !== undefined) return service[1];
  // web:<provider>/<subject>, where the provider may be an ARN that ends in its host.
  const web = /^(?:web|saml):(?:arn:[^/]*\/)?([^/]+)\/(.+)$/s.exec(caller);
  return web?.[2] ?? caller;
}

const idKinds: Readonly<Record<string, string>> = { AROA: "role", AIDA: "user" };

/**
 * `account:<account>[/<unique id>]`: all that a cross-account record says of its caller. "vendor, role AROAX7…0KXE"; null
 * for any other caller.
 *
 * @param accountName what the access file calls the account, if it knows it.
 */
export function foreignCaller(caller: string, accountName: (id: string) => string | undefined): string | null {
  const found = /^account:(\d{12})(?:\/([^:]+).*)?$/.exec(caller);
  if (found?.[1] === undefined) return null;
  const account = accountName(found[1]) ?? `account ${grouped(found[1])}`;
  const id = found[2];
  if (id === undefined) return account;
  const kind = idKinds[id.slice(0, 4)];
  return `${account}, ${kind === undefined ? "" : `${kind} `}${shortKey(id)}`;
}

const lastSegment = (text: string): string => text.slice(text.lastIndexOf("/") + 1);

/** "s3" of "s3.amazonaws.com". */
export const serviceName = (source: string): string => source.replace(/\.amazonaws\.com$/, "");

/** Where a role's page is. Its path is in no page's address: the whole ARN goes along where it has one. */
export function roleHref(arn: string): string | null {
  const account = accountOf(arn);
  const found = /:role\/(.+)$/s.exec(arn);
  if (account === null || found?.[1] === undefined) return null;
  const whole = found[1].includes("/") ? `?arn=${encodeURIComponent(arn)}` : "";
  return `/roles/${account}/${encodeURIComponent(roleSegment(arn))}${whole}`;
}

export const sessionHref = (id: string): string => `/sessions/${encodeURIComponent(id)}`;

/** Two letters for the disc beside a name. */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => word !== "");
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => (word ?? "").slice(0, 1).toUpperCase()).join("");
}
