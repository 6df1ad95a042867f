import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { FolderSource } from "#/queries/sources/folder.ts";

const home = mkdtempSync(path.join(tmpdir(), "roletrail-folder-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** As somebody whom file modes bind, which root is not. */
async function asNobody<T>(run: () => Promise<T>): Promise<T> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await run();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

test.skipIf(process.platform === "win32")(
  "a folder that may not be read is named, and nothing is listed without it",
  async () => {
    const closed = path.join(home, "AWSLogs");
    mkdirSync(closed);
    chmodSync(closed, 0);
    const source = new FolderSource(home);
    await expect(asNobody(() => source.list())).rejects.toMatchObject({
      code: "trail.none",
      message: expect.stringMatching(/roletrail-folder-.*: it may not be read\.$/),
    });
    chmodSync(closed, 0o700);
    await expect(source.list()).resolves.toEqual({ files: [], skipped: {} });
  },
);
