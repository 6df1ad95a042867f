import { FolderSource } from "./folder.ts";
import type { Source } from "./source.ts";

/** @throws Refusal `trail.none` when nothing is there. */
export async function openSource(where: string): Promise<Source> {
  if (!where.startsWith("s3://")) return new FolderSource(where);
  // The SDK takes 150 ms to load; a folder never pays it.
  const { openS3 } = await import("./s3.ts");
  return openS3(where);
}
