import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { program } from "#/cli/main.ts";

/** What a page tells people to type or to open is there. docs/decisions are of their day and not looked at. */
const root = path.resolve(import.meta.dirname, "../..");
const pages = ["README.md", ...readdirSync(path.join(root, "docs")).map((file) => `docs/${file}`)].filter((file) =>
  file.endsWith(".md"),
);
const textOf = (page: string): string => readFileSync(path.join(root, page), "utf8");
const found = (page: string, pattern: RegExp): string[] => [
  ...new Set([...textOf(page).matchAll(pattern)].map(([, what = ""]) => what)),
];

const link = /\[[^\]]*\]\(((?:[^()\s]|\([^()\s]*\))+)\)/g;

/** A decision may be named by its number alone. */
function isThere(file: string): boolean {
  const folder = path.join(root, path.dirname(file));
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(path.basename(file)));
}

/** As GitHub names a heading's anchor. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");

describe.each(pages)("%s", (page) => {
  const text = textOf(page);

  test("names commands that there are", () => {
    const commands = new Set(program(root).commands.map((command) => command.name()));
    const named = found(page, /(?:npx |`)roletrail ([a-z][a-z-]+)/g);
    expect(named.filter((name) => !commands.has(name))).toEqual([]);
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(textOf("package.json"));
    expect(found(page, /npm run ([\w:-]+)/g).filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  test("names files that there are", () => {
    const rooms = "app|cli|core|docs|functions|infra|onboarding|queries|sandbox|test|tools";
    const plain = text.replaceAll(link, " ");
    const named = [...plain.matchAll(new RegExp(`(?<![\\w./-])((?:${rooms})/[\\w./()-]*\\w)`, "g"))].map(
      ([file]) => file,
    );
    expect(named.filter((file) => !isThere(file))).toEqual([]);
  });

  test("links to what is there", () => {
    const links = [...text.matchAll(link)].map(([, to = ""]) => to).filter((to) => !/^https?:/.test(to));
    const missing = links.filter((to) => {
      const [file = "", anchor] = to.split("#");
      const target = file === "" ? page : path.join(path.dirname(page), file);
      if (!existsSync(path.join(root, target))) return true;
      if (anchor === undefined) return false;
      const headings = [...textOf(target).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
      return !headings.includes(anchor);
    });
    expect(missing).toEqual([]);
  });
});
