/**
 * A policy's text value with `*`, `?` and policy variables, compiled once.
 *
 * A variable's value is inserted literally: a tag `*` never becomes a wildcard. A variable whose key the request does
 * not carry as one value, and that has no default, makes the pattern match nothing.
 */
export interface Pattern {
  readonly source: string;
  readonly tokens: readonly Token[];
  /** Present when no variable stands in the pattern. */
  readonly codes: readonly number[] | undefined;
}

/** One value of a context key by its name in any case; undefined when absent or many-valued. */
export type Lookup = (key: string) => string | undefined;

export type Token =
  | { readonly text: string }
  | { readonly wild: "*" | "?" }
  | { readonly variable: string; readonly fallback: string | undefined };

interface Reading {
  /** Policy variables work only in policies of version 2012-10-17. */
  readonly variables: boolean;
  /** Off for operators that compare literally, as StringEquals. */
  readonly wildcards: boolean;
}

export function compilePattern(source: string, reading: Reading): Pattern {
  return patternOf(source, tokenize(source, reading));
}

export function matchesPattern(pattern: Pattern, value: string, lookup: Lookup): boolean {
  if (pattern.source === "*" && pattern.codes?.[0] === star) return true;
  const codes = pattern.codes ?? codesOf(pattern.tokens, lookup);
  return codes !== undefined && matchesCodes(codes, value);
}

/** The pattern's text with its variables filled in, for operators that compare otherwise than by characters. */
export function textOf(pattern: Pattern, lookup: Lookup): string | undefined {
  const codes = pattern.codes ?? codesOf(pattern.tokens, lookup);
  return codes?.map((code) => (code === star ? "*" : code === any ? "?" : String.fromCharCode(code))).join("");
}

/**
 * The six parts of an ARN, each its own pattern: a wildcard never spans a colon before the resource part. An ARN with
 * fewer parts is completed with `*`, as the IAM guide says of `arn:aws:sqs`. Undefined for `*` alone: everything.
 */
export interface ArnPattern {
  readonly source: string;
  readonly parts: readonly Pattern[] | undefined;
}

export function compileArn(source: string, variables: boolean): ArnPattern {
  if (source === "*") return { source, parts: undefined };
  const parts = splitTokens(tokenize(source, { variables, wildcards: true }));
  while (parts.length < 6) parts.push([{ wild: "*" }]);
  return { source, parts: parts.map((tokens) => patternOf(source, tokens)) };
}

export function matchesArn(pattern: ArnPattern, arn: string, lookup: Lookup): boolean {
  if (pattern.parts === undefined) return true;
  const values = splitArn(arn);
  if (values.length < 6) return false;
  return pattern.parts.every((part, at) => matchesPattern(part, values[at] ?? "", lookup));
}

/** Six parts; the last keeps its colons. Fewer when the text is no ARN. */
export function splitArn(arn: string): string[] {
  const parts = arn.split(":");
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}

const star = -1;
const any = -2;

const special = /\$\{(?:([*?$])|([\w.:/+=@-]+(?: +[\w.:/+=@-]+)*)\s*(?:,\s*'([^']*)')?)\}|([*?])/g;

function tokenize(source: string, reading: Reading): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  for (const found of source.matchAll(special)) {
    tokens.push({ text: source.slice(from, found.index) }, tokenOf(found, reading));
    from = found.index + found[0].length;
  }
  return [...tokens, { text: source.slice(from) }];
}

function tokenOf([whole, literal, variable, fallback, wild]: RegExpMatchArray, reading: Reading): Token {
  if (wild === "*" || wild === "?") return reading.wildcards ? { wild } : { text: wild };
  if (!reading.variables) return { text: whole };
  return variable === undefined ? { text: literal ?? "" } : { variable, fallback };
}

function splitTokens(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  const pieces = tokens.flatMap((token) => ("text" in token ? token.text.split(/(?<=:)/).map(asText) : [token]));
  for (const piece of pieces) {
    const ends = "text" in piece && piece.text.endsWith(":") && parts.length < 6;
    parts.at(-1)?.push(ends ? { text: piece.text.slice(0, -1) } : piece);
    if (ends) parts.push([]);
  }
  return parts;
}

const asText = (text: string): Token => ({ text });

function patternOf(source: string, tokens: readonly Token[]): Pattern {
  const fixed = !tokens.some((token) => "variable" in token);
  return { source, tokens, codes: fixed ? codesOf(tokens, () => undefined) : undefined };
}

function codesOf(tokens: readonly Token[], lookup: Lookup): number[] | undefined {
  const codes = tokens.map((token) => codesOfToken(token, lookup));
  return codes.every((some) => some !== undefined) ? codes.flat() : undefined;
}

function codesOfToken(token: Token, lookup: Lookup): number[] | undefined {
  if ("wild" in token) return [token.wild === "*" ? star : any];
  const text = "text" in token ? token.text : (lookup(token.variable) ?? token.fallback);
  return text === undefined ? undefined : text.split("").map((unit) => unit.charCodeAt(0));
}

/** Linear but for the last star: it steps back to that star only, so a hostile pattern costs at most n × m. */
function matchesCodes(codes: readonly number[], value: string): boolean {
  let at = 0;
  let code = 0;
  let lastStar = -1;
  let resumeAt = 0;
  while (at < value.length) {
    const wanted = codes[code];
    if (wanted === star) {
      lastStar = code;
      resumeAt = at;
      code += 1;
    } else if (wanted === any || wanted === value.charCodeAt(at)) {
      code += 1;
      at += 1;
    } else if (lastStar >= 0) {
      code = lastStar + 1;
      resumeAt += 1;
      at = resumeAt;
    } else {
      return false;
    }
  }
  while (codes[code] === star) code += 1;
  return code === codes.length;
}
