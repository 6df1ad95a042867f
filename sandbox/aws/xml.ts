/** XML of one element tree: text is escaped, arrays become repeated `member` elements, undefined is left out. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | ReadonlyMap<string, XmlValue>
  | { readonly [name: string]: XmlValue };

/** `<name>…</name>`; a list is `<name><member>…</member></name>` as the query protocol has it, a Map its entries of key and value. */
export function xml(name: string, value: XmlValue): string {
  if (value === undefined) return "";
  return `<${name}>${xmlContent(value)}</${name}>`;
}

function xmlContent(value: XmlValue): string {
  if (value === undefined) return "";
  if (typeof value !== "object") return escapeXml(String(value));
  if (isList(value)) return value.map((one) => xml("member", one)).join("");
  if (isMap(value)) return [...value].map(([key, one]) => xml("entry", { key, value: one })).join("");
  return Object.entries(value)
    .map(([name, one]) => xml(name, one))
    .join("");
}

const isMap = (value: XmlValue): value is ReadonlyMap<string, XmlValue> => value instanceof Map;

const isList = (value: XmlValue): value is readonly XmlValue[] => Array.isArray(value);

/** `<ActionResponse><ActionResult>…</ActionResult><ResponseMetadata>…` of the query protocol (STS, IAM). */
export function queryXml(action: string, namespace: string, requestId: string, result: XmlValue): string {
  const answer = result === undefined ? "" : xml(`${action}Result`, result);
  const metadata = xml("ResponseMetadata", { RequestId: requestId });
  return `<${action}Response xmlns="${namespace}">${answer}${metadata}</${action}Response>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Also safe in HTML text and attributes. Characters XML 1.0 forbids become U+FFFD. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those XML 1.0 does not allow
  const legal = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
  return legal.replace(/[&<>"']/g, (character) => entities[character] ?? character).replace(/\r/g, "&#13;");
}

/** Undoes it, and whatever other entities a client writes. */
export function unescapeXml(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (all, decimal, hex, name) => {
    if (name !== undefined) return named[name] ?? all;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });
}
