import { existsSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { invoke } from "#/core/invoke.ts";
import { textOf } from "#/functions/answers.ts";

/** Functions' own end of the socket, for one body. */
async function served(body: unknown) {
  const home = mkdtempSync(path.join(tmpdir(), "roletrail-answers-"));
  const folder = path.join(home, "answers");
  const socket = path.join(home, "functions.sock");
  let crossed = 0;
  const server = http.createServer((request, response) => {
    request.resume();
    const text = textOf(body, folder);
    crossed = Buffer.byteLength(text);
    response.writeHead(200, { "content-type": "application/json" }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const ask = () => invoke({ socket, secret: "s" }, "read", { view: "any" });
  return { folder, ask, crossed: () => crossed, close: () => server.close() };
}

const rows = (bytes: number) => ({ rows: [{ text: "x".repeat(bytes) }] });

test("an answer over 4 MB leaves by a file, whole, and the file goes once it was read", async () => {
  const body = rows(4 * 1024 * 1024);
  const { folder, ask, crossed, close } = await served(body);
  expect(await ask()).toEqual(body);
  expect(crossed()).toBeLessThan(1_000);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder)).toEqual([]);
  close();
});

test("the file is its owner's alone", () => {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), "roletrail-answers-")), "answers");
  const { answer_file } = JSON.parse(textOf(rows(5_000_000), folder));
  expect(path.dirname(answer_file)).toBe(folder);
  expect(statSync(answer_file).mode & 0o777).toBe(0o600);
});

test("what counts is bytes, not characters", () => {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), "roletrail-answers-")), "answers");
  const text = textOf({ text: "\u20ac".repeat(2_000_000) }, folder);
  expect(JSON.parse(text)).toHaveProperty("answer_file");
});

test("a smaller answer goes through the socket and leaves no file", async () => {
  const body = rows(4_000_000);
  const { folder, ask, close } = await served(body);
  expect(await ask()).toEqual(body);
  expect(existsSync(folder)).toBe(false);
  close();
});
