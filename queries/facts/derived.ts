import { texts } from "./texts.ts";

const issuedKeys = `issued_keys as (
  select distinct access_key_id from openings where outcome = 'ok' and access_key_id is not null
)`;

/** Facts that are read out of others each time: views in DuckDB, common table expressions on Athena. */
export const derived = {
  mints: { text: texts.mints, columns: ["mint_id", "person_id", "account", "session_id"] },
  coverage: { text: texts.coverage, columns: ["account"] },
  activity: {
    text: withFirst(texts.activity.replaceAll(/\bday_events\b/g, "events"), [issuedKeys]),
    columns: ["session_id", "account"],
  },
} as const;

/** A text with more common table expressions, before its own. */
export function withFirst(text: string, expressions: readonly string[]): string {
  const bare = text.replace(/^(?:\s+|--[^\n]*\n)+/, "").trimEnd();
  if (expressions.length === 0) return bare;
  const isWith = /^with\s+/i.exec(bare)?.[0];
  return `with ${expressions.join(",\n")}${isWith === undefined ? `\n${bare}` : `,\n${bare.slice(isWith.length)}`}`;
}
