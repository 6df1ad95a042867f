import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { isRefusalCode, refusals } from "#/core/refusal.ts";
import { isQuestion } from "#/queries/catalogue.ts";

const root = path.resolve(import.meta.dirname, "../..");
const runbook = readFileSync(path.join(root, "docs/runbook.md"), "utf8");
const sources = ["app", "core", "functions", "queries"]
  .flatMap((room) =>
    readdirSync(path.join(root, room), { recursive: true }).map((file) => path.join(room, String(file))),
  )
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => readFileSync(path.join(root, file), "utf8"))
  .join("\n");

describe("the runbook", () => {
  test("quotes only sentences that Roletrail says", () => {
    const quoted = [...runbook.matchAll(/“((?:[^“”]|“[^“”]*”)+)”/g)].map(([, sentence = ""]) => sentence);
    expect(quoted.length).toBeGreaterThan(15);
    const unsaid = quoted.filter((sentence) => !sentence.split("…").every((part) => sources.includes(part.trim())));
    expect(unsaid).toEqual([]);
  });

  test("says each refusal's own status beside it, and has every dependency's in its table", () => {
    const said = [...runbook.matchAll(/`([a-z]+\.[a-z-]+)`, (\d{3})/g)];
    expect(said.length).toBeGreaterThan(5);
    for (const [, code = "", status] of said)
      expect([code, isRefusalCode(code) ? String(refusals[code].status) : "none"]).toEqual([code, status]);
    for (const [code, { status }] of Object.entries(refusals))
      if (status === 503 && !["trail.none", "trail.starting"].includes(code)) expect(runbook).toContain(`\`${code}\``);
  });

  test("names refusals and questions that there are", () => {
    const codes = [...runbook.matchAll(/`([a-z]+\.[a-z-]+)`/g)]
      .map(([, code = ""]) => code)
      .filter((code) => !/^[a-z]+\.(signed|reconciled|json)$/.test(code));
    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter((code) => !isRefusalCode(code))).toEqual([]);
    for (const question of ["sessions-outside-the-broker", "mint-reconciliation"]) {
      expect(runbook).toContain(`\`${question}\``);
      expect(isQuestion(question)).toBe(true);
    }
  });

  test("has a place for every alarm that points into it", () => {
    const alarms = readFileSync(path.join(root, "infra/alarms.ts"), "utf8");
    const pointed = [...alarms.matchAll(/docs\/runbook\.md, "([^"]+)"/g)].map(([, at = ""]) => at);
    const headings = [...runbook.matchAll(/^#+ (.+)$/gm)].flatMap(([, heading = ""]) => heading.split(", "));
    const names = readdirSync(path.join(root, "functions/lambda")).map((file) => file.replace(/\.ts$/, ""));
    for (const at of pointed.flatMap((name) => (name.includes("$") ? names : [name]))) expect(headings).toContain(at);
  });
});
