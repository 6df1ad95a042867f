import athena from "./athena-stage.sql";
import callers from "./duckdb-stage-callers.sql";
import caller from "./stage-caller.sql";

/** The rule that names a caller, put into an engine's text, with that engine's own words for what the rule leaves open. */
function withCaller(text: string, words: { readonly session_role: string; readonly service: string }): string {
  const rule = caller
    .replaceAll(/^--.*\n/gm, "")
    .trim()
    .replace("$session_role", words.session_role)
    .replace("$service", words.service);
  return text.replace("$caller_rule", () => rule);
}

/** Raw records to `events`, once an engine; DuckDB lays out the callers of a batch apart. */
export const stages = {
  // Without a name a service is called by its address, which is no part of the caller there.
  duckdbCallers: withCaller(callers, { session_role: "role_of_session_arn(arn)", service: "invoked_by" }),
  athena: withCaller(athena, { session_role: "session_role", service: "coalesce(invoked_by, source_ip, '?')" }),
} as const;
