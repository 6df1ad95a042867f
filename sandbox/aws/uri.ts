import { AwsError } from "./call.ts";

/** Decoded names and values in the order they came. */
export type Query = readonly (readonly [string, string])[];

/** Path (still encoded) and decoded query of what stands on the request line. */
export function splitPath(path: string): { pathname: string; query: Query } {
  const at = path.indexOf("?");
  if (at === -1) return { pathname: path, query: [] };
  return { pathname: path.slice(0, at), query: queryOf(path.slice(at + 1), decode) };
}

/** Fields of an `application/x-www-form-urlencoded` body; there a plus is a space. */
export const formOf = (body: string): Query => queryOf(body, (text) => decode(text.replaceAll("+", " ")));

function queryOf(text: string, read: (text: string) => string): Query {
  return text
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.indexOf("=");
      return at === -1 ? [read(part), ""] : [read(part.slice(0, at)), read(part.slice(at + 1))];
    });
}

/** @throws AwsError where a percent sign starts no UTF-8 text. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError("InvalidURI", "Couldn't parse the specified URI.");
  }
}

/** RFC 3986: everything but letters, digits and `-._~`. */
export const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** S3 signs the path encoded once; every other service encodes what was sent again. */
export function canonicalUri(pathname: string, once: boolean): string {
  return (
    pathname
      .split("/")
      .map((segment) => encode(once ? decode(segment) : encode(decode(segment))))
      .join("/") || "/"
  );
}

export function canonicalQuery(query: Query): string {
  return query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
