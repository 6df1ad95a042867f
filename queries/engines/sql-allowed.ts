import { Refusal } from "#/core/refusal.ts";

/** Facts that hand-written SQL may name: those of CONTRACTS §4, each narrowed to who asks. */
export const askable = [
  "activity",
  "coverage",
  "duplicates",
  "events",
  "files",
  "issuances",
  "mints",
  "sessions",
] as const;

/** Functions of Trino's that read nothing but their arguments, and make nothing much larger than these. */
const functions = new Set(
  `abs approx_percentile arbitrary array_agg array_distinct array_join array_max array_sort arrays_overlap avg cardinality
   ceil ceiling chr coalesce concat contains count count_if count_star date_add date_diff date_format date_parse date_trunc
   day_of_month day_of_week day_of_year dense_rank element_at every first_value flatten floor from_hex from_iso8601_date
   from_iso8601_timestamp from_unixtime greatest histogram if json_extract json_extract_scalar json_format json_parse
   json_value lag last_value lead least length list_value lower ltrim map_keys max max_by min min_by mod nullif ntile
   percent_rank position power rank regexp_extract regexp_like regexp_replace replace reverse round row row_number rtrim
   sha256 slice split split_part sqrt starts_with strpos struct_pack substr substring sum to_base32 to_hex to_iso8601
   to_unixtime to_utf8 trim trunc unnest upper url_extract_host year month day hour minute second week quarter date_part`
    .trim()
    .split(/\s+/),
);
const operators = new Set(
  [
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "||",
    "~~",
    "!~~",
    "~~*",
    "!~~*",
    "~~~",
    "^@",
    "like_escape",
    "not_like_escape",
  ].concat("array_extract", "list_contains"),
);

const expressions = new Set(
  `BETWEEN CASE CAST COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION OPERATOR STAR SUBQUERY WINDOW`.split(" "),
);
/** What is no expression: queries, what stands after FROM, orders and limits. */
const others = new Set(
  `SELECT_NODE SET_OPERATION_NODE CTE_NODE BASE_TABLE JOIN SUBQUERY EMPTY EXPRESSION_LIST TABLE_FUNCTION ORDER_MODIFIER
   LIMIT_MODIFIER DISTINCT_MODIFIER ORDER_DEFAULT ASCENDING DESCENDING ORDER_ASCENDING ORDER_DESCENDING`.split(/\s+/),
);

type Node = Readonly<Record<string, unknown>>;

/**
 * Looks through what the engine's own parser made of hand-written SQL: one SELECT over the facts, unqualified, its own
 * common table expressions under other names, and functions of the list. What is not known here is refused.
 *
 * @param serialized of DuckDB's json_serialize_sql
 * @throws Refusal `sql.refused`.
 */
export function expectAllowed(serialized: string): void {
  const parsed = record(JSON.parse(serialized));
  if (parsed["error"] === true) throw refused(String(parsed["error_message"] ?? "It cannot be read."));
  const statements = Array.isArray(parsed["statements"]) ? parsed["statements"] : [];
  if (statements.length !== 1) throw refused(`It holds ${statements.length} statements.`);
  const named = new Set<string>();
  nameExpressions(statements[0], named);
  for (const name of named)
    if (askable.some((fact) => fact === name)) throw refused(`${name} is a fact: give your own table another name.`);
  look(statements[0], named);
}

const record = (value: unknown): Node => (typeof value === "object" && value !== null ? { ...value } : {});

function nameExpressions(value: unknown, named: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  const map = record(record(value)["cte_map"])["map"];
  for (const entry of Array.isArray(map) ? map : []) named.add(String(record(entry)["key"]).toLowerCase());
  for (const inner of Object.values(value)) nameExpressions(inner, named);
}

function look(value: unknown, named: ReadonlySet<string>): void {
  if (Array.isArray(value)) for (const item of value) look(item, named);
  if (Array.isArray(value) || typeof value !== "object" || value === null) return;
  const node = record(value);
  // A constant is a value, whatever it holds.
  if (node["class"] === "CONSTANT") return;
  if ("class" in node) expectExpression(node);
  else if (typeof node["type"] === "string") expectOther(node, named);
  for (const [key, inner] of Object.entries(node)) if (key !== "cast_type") look(inner, named);
}

function expectExpression(node: Node): void {
  if (!expressions.has(String(node["class"]))) throw refused(`${words(node["class"])} is not taken here.`);
  if (!("function_name" in node)) return;
  const name = String(node["function_name"]).toLowerCase();
  const isOwn = ["", "main"].includes(String(node["schema"] ?? "")) && String(node["catalog"] ?? "") === "";
  if (!isOwn || !(functions.has(name) || operators.has(name)))
    throw refused(`The function ${name}() is not on the list.`);
}

function expectOther(node: Node, named: ReadonlySet<string>): void {
  const type = String(node["type"]);
  if (!others.has(type)) throw refused(`${words(type)} is not taken here.`);
  if (type !== "BASE_TABLE") return;
  const name = String(node["table_name"]).toLowerCase();
  const isPlain = node["schema_name"] === "" && node["catalog_name"] === "" && (node["at_clause"] ?? null) === null;
  if (isPlain && (named.has(name) || askable.some((fact) => fact === name))) return;
  throw refused(`${name.slice(0, 80)} is no fact; facts are named as they are, without schema or catalog.`);
}

const words = (type: unknown): string => String(type).toLowerCase().replaceAll("_", " ");

const refused = (why: string): Refusal =>
  new Refusal("sql.refused", `Roletrail does not run this SQL. ${why.slice(0, 300)}`, {
    help: `It takes one SELECT over ${askable.join(", ")}, in Athena's dialect; docs/sql.md says more.`,
  });
