import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readArguments } from "../../tools/start/arguments.mjs";

/** No daemon builds the image where these run: what can be known of it without one. */
const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const lines = read("Dockerfile").replaceAll("\\\n", " ").split("\n");
const of = (word: string): string[] =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1).trim());

describe("the image", () => {
  test("is of one Node that the start takes, twice the same", () => {
    const from = of("FROM").map((line) => line.split(" ")[0]);
    expect(from).toHaveLength(2);
    expect(new Set(from).size).toBe(1);
    expect(Number(/^node:(\d+)-/.exec(from[0] ?? "")?.[1])).toBeGreaterThanOrEqual(20);
  });

  test("has all of the checkout: what is left out is what git leaves out, and git's own", () => {
    const apart = read(".dockerignore").split("\n").filter(Boolean);
    const ignored = read(".gitignore").split("\n");
    expect(apart.filter((name) => name !== ".git" && !ignored.includes(`${name}/`))).toEqual([]);
    expect(of("COPY")).toEqual([". .", "--from=built --chown=node:node /app /app"]);
  });

  test("runs files that are there, and no step writes the lockfile anew, for then each start would install", () => {
    const [build = ""] = of("RUN");
    const named = [...build.matchAll(/"\/app\/([\w./-]+)"/g)].map(([, file = ""]) => file);
    const entry: string[] = JSON.parse(of("ENTRYPOINT")[0] ?? "[]");
    expect(named).toContain("tools/start/prepare.mjs");
    for (const file of [...named, entry[1] ?? ""])
      expect([file, existsSync(path.join(root, file))]).toEqual([file, true]);
    const npm = [...build.matchAll(/npm (\w+)([^&]*)/g)].map(([, verb, flags = ""]) => [
      verb,
      flags.includes("--no-save"),
    ]);
    expect(npm).toEqual([["prune", true]]);
  });

  test("takes no rights with it: another user than root, whose folder nobody else reads", () => {
    expect(of("USER")).toEqual(["node"]);
    expect(of("RUN").at(-1)).toBe("install -d -o node -g node -m 0700 /data");
    expect(of("VOLUME")).toEqual(["/data"]);
  });
});

test("each start that docs/small-company.md shows is one that the start understands", () => {
  const shown = read("docs/small-company.md").replaceAll("\\\n", " ");
  const starts = [...shown.matchAll(/(?:npm start --|\broletrail(?= +--)) +(--[^\n#]+)/g)].map(
    ([, words = ""]) => words,
  );
  expect(starts).toHaveLength(2);
  for (const words of starts) {
    const options = readArguments(words.trim().split(/\s+/), {});
    expect(options).toMatchObject({ kind: "aws", trail: "s3://company-logs/audit" });
    expect("settings" in options && options.settings).toMatchObject({
      ROLETRAIL_URL: "https://roletrail.example.com",
      ROLETRAIL_LINK: "off",
    });
  }
});
