import athena from "./athena-stage.sql";
import duckdb from "./duckdb-stage.sql";
import caller from "./stage-caller.sql";

/** The rule that names a caller, put into an engine's text, with that engine's own words for what the rule leaves open. */
function withCaller(text: string, sessionRole: string): string {
  const rule = caller
    .replaceAll(/^--.*\n/gm, "")
    .trim()
    .replace("$session_role", sessionRole);
  return text.replace("$caller_rule", () => rule);
}

/** Raw records to `events`, once an engine. */
export const stages = {
  duckdb: withCaller(duckdb, "role_of_session_arn(arn)"),
  athena: withCaller(athena, "session_role"),
} as const;
