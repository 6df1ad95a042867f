import { statSync } from "node:fs";
import type { AccessFile } from "#/core/access.ts";
import { readAccess } from "#/core/access-file.ts";

/** The access file as it stands, read again only when the file changed: every mint asks, and YAML takes milliseconds. */
export function accessReader(file: string): () => AccessFile {
  let read: { readonly stamp: string; readonly access: AccessFile } | undefined;
  return () => {
    const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
    const stamp = stat === undefined ? "" : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    if (read === undefined || read.stamp !== stamp) read = { stamp, access: readAccess(file) };
    return read.access;
  };
}
