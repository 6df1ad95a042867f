import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { trailStatements } from "#/queries/trail.ts";
import { type Grammar, lint, trinoGrammar } from "./trino.ts";

const read = (folder: string): [string, string][] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .map((file) => [`${folder}/${file}`, readFileSync(`${folder}/${file}`, "utf8")]);

const asked = Object.entries(trailStatements).map(([name, sql]) => [`queries/trail.ts ${name}`, sql] as const);
const texts = [...read("queries"), ...read("queries/facts"), ...asked];
let grammar: Grammar;
beforeAll(async () => {
  grammar = await trinoGrammar();
}, 60_000);

test("there are texts to look at", () => {
  expect(texts.length).toBeGreaterThan(30);
});

describe.each(texts)("%s", (_, sql) => {
  test("is Trino's grammar", () => {
    expect(grammar(sql)).toEqual([]);
  });
  test("says nothing that means something else on the other engine", () => {
    expect(lint(sql)).toEqual([]);
  });
});

describe("the grammar refuses what only DuckDB takes", () => {
  test.each([
    "select a::varchar from t",
    "select * exclude (a) from t",
    "from t",
    "select a from t group by all",
    "select a from t qualify row_number() over () = 1",
    "select [1, 2]",
    "select a ilike 'x' from t",
    "select a ->> '$.b' from t",
    "select a, from t",
    "select a from read_parquet('x')",
  ])("%s", (sql) => {
    expect(grammar(sql)).not.toEqual([]);
  });
});

describe("the lint refuses what both take and answer differently", () => {
  test.each([
    "select cast(a as timestamp) from t",
    "select any_value(a) from t",
    "select greatest(a, b) from t",
    "select a from t where day >= '2026-11-10'",
    "select a from t where day >= date '2026-11-10'",
    "select a / 2.0 from t",
    "select a from t where approx_percentile(b, 0.5) > 1",
    "select a from t limit 10",
    "select a from awsdatacatalog.trail.events",
    "with recursive r as (select 1) select a from r",
    "select split_part(a, '/', 3) from t",
    "select date_trunc('week', a) from t",
    "select now()",
    "select strftime(a, '%Y') from t",
  ])("%s", (sql) => {
    expect(lint(sql)).not.toEqual([]);
  });
});
