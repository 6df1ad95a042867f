import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { AccessFile } from "./access.ts";
import { faultsOf } from "./access-rules.ts";
import { Refusal } from "./refusal.ts";

/** @throws Refusal `access.invalid` naming the file, the line of YAML or the field, and what was wrong there. */
export function readAccess(file: string): AccessFile {
  if (!existsSync(file))
    throw new Refusal("access.invalid", `There is no access file at ${file}.`, {
      help: "Write one (docs/access.schema.json describes it), or point --access at it.",
    });
  return parseAccess(file, () => readFileSync(file, "utf8"));
}

/** The same of a text that is no file here; `file` is where it is from. */
export function parseAccess(file: string, read: () => string): AccessFile {
  const parsed = AccessFile.safeParse(yamlOf(file, read));
  if (parsed.success) return withoutFaults(file, parsed.data);
  const first = parsed.error.issues[0];
  const where = first === undefined || first.path.length === 0 ? "" : `${first.path.join(".")}: `;
  throw new Refusal("access.invalid", `${file}: ${where}${first?.message}.`, {
    help: "Correct the file; docs/access.schema.json describes it.",
  });
}

/** A grant that names a role nobody wrote down lends nothing, silently: better said before anybody waits for it. */
function withoutFaults(file: string, access: AccessFile): AccessFile {
  const [first, ...more] = faultsOf(access);
  if (first === undefined) return access;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw new Refusal("access.invalid", `${file}: ${first}${others}.`, { help: "Correct the file." });
}

function yamlOf(file: string, read: () => string): unknown {
  try {
    return parse(read());
  } catch (error) {
    const where = error instanceof Error ? error.message.split("\n")[0] : "it cannot be read";
    throw new Refusal("access.invalid", `${file} is not YAML: ${where}.`, { help: "Correct that line and try again." });
  }
}
