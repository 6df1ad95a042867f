import { closeSync, openSync, writeSync } from "node:fs";

/** Lines on disk, written as they come: a file's lines are one piece of memory already. */
export class LineFile {
  readonly path: string;
  readonly #file: number;
  bytes = 0;

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "w", 0o600);
  }

  append(lines: Uint8Array): void {
    for (let from = 0; from < lines.length; ) from += writeSync(this.#file, lines, from);
    this.bytes += lines.length;
  }

  end(): void {
    closeSync(this.#file);
  }
}
