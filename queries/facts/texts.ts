import activity from "./activity.sql";
import callers from "./callers.sql";
import coverage from "./coverage.sql";
import covered from "./covered.sql";
import edits from "./edits.sql";
import issuances from "./issuances.sql";
import lineage from "./lineage.sql";
import links from "./links.sql";
import matches from "./matches.sql";
import mints from "./mints.sql";
import opened from "./opened.sql";
import openings from "./openings.sql";
import records from "./records.sql";
import sessions from "./sessions.sql";
import uses from "./uses.sql";

/** Each fact's rows as one plain Trino SELECT. What it reads and how it is refreshed: queries/refresh.ts. */
export const texts = {
  activity,
  callers,
  coverage,
  covered,
  edits,
  issuances,
  lineage,
  links,
  matches,
  mints,
  opened,
  openings,
  records,
  sessions,
  uses,
} as const;

export type FactName = keyof typeof texts;
