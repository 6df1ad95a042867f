import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Organisation } from "./state.ts";

/** The organisation in its file. Changes are made on the object in place, then kept. */
export interface KeptOrganisation {
  readonly organisation: Organisation;
  /** Atomic: the file is the old one or the new one, whole, whenever the process dies. */
  save(): void;
}

export function openOrganisation(file: string): KeptOrganisation {
  // The story wrote it, or this module did: nothing from outside gets here.
  const organisation = JSON.parse(readFileSync(file, "utf8")) as Organisation;
  return {
    organisation,
    save() {
      const temporary = `${file}.${process.pid}.new`;
      const handle = openSync(temporary, "w", 0o600);
      try {
        writeFileSync(handle, `${JSON.stringify(organisation, null, 2)}\n`);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(temporary, file);
    },
  };
}
