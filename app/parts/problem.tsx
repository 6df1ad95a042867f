import type { ReactNode } from "react";
import { type Fault, Refusal, type RefusalCode, refusals } from "#/core/refusal.ts";
import { moment } from "../words.ts";
import { Live } from "./live.tsx";
import { Mark } from "./mark.tsx";

/** What still works while something does not. */
const stillWorks: Partial<Record<RefusalCode, string>> = {
  "functions.down": "Credentials already handed out keep working. This page tries again by itself.",
  "trail.starting": "Minting and revoking work meanwhile. This page tries again by itself.",
  "trail.none": "Minting and revoking do not need the trail.",
  "account.none": "Everything under Trail works: this is a trail without an account behind it.",
  "signin.provider": "Who is signed in stays signed in.",
};

/** A whole page's refusal: what happened, what still works, what would help, and an id where the log has more. */
export function ProblemCard({ error }: { error: Refusal | Fault }): ReactNode {
  if (!(error instanceof Refusal))
    return (
      <Problem
        title="Something broke on our side"
        detail="What you asked for was not done."
        help={null}
        id={error.id}
      />
    );
  const help = error.until === undefined ? (error.help ?? null) : `${error.help ?? ""} Until ${error.until}.`.trim();
  const again = error.code === "functions.down" || error.code === "trail.starting";
  return (
    <>
      {again ? <Live every={5} /> : null}
      <Problem
        title={refusals[error.code].title}
        detail={error.message}
        help={help}
        works={stillWorks[error.code] ?? null}
        id={null}
        tone={error.code === "trail.starting" ? "told" : "failed"}
      />
    </>
  );
}

export function Problem({
  title,
  detail,
  help,
  works = null,
  id,
  tone = "failed",
}: {
  title: string;
  detail: string;
  help: string | null;
  works?: string | null;
  id: string | null;
  tone?: "told" | "failed";
}): ReactNode {
  return (
    <div className="max-w-[640px]">
      <h1>{title}</h1>
      <div className="body">
        <div className={tone === "failed" ? "note denied" : "note"} role={tone === "failed" ? "alert" : "status"}>
          <Mark kind={tone === "failed" ? "refused" : "plain"} />
          <div className="grid gap-1">
            <p>{detail}</p>
            {works === null ? null : <p className="hint">{works}</p>}
            {help === null ? null : <p className="hint">{help}</p>}
            {id === null ? null : (
              <p className="hint">
                The log has it under <span className="mono">{id}</span>.
              </p>
            )}
          </div>
        </div>
        <p>
          <a className="link" href="/">
            My roles
          </a>
        </p>
      </div>
    </div>
  );
}

/** A refusal beside its button. */
export function Said({ title, detail, help, until }: SaidOf): ReactNode {
  return (
    <div className="note denied" role="alert">
      <Mark kind="refused" />
      <div className="grid gap-0.5">
        <p>
          <b className="font-medium">{title}.</b> {detail}
        </p>
        {help === undefined ? null : <p className="hint">{help}</p>}
        {until === undefined ? null : <p className="hint">Until {moment(until, new Date())} UTC.</p>}
      </div>
    </div>
  );
}

export interface SaidOf {
  readonly title: string;
  readonly detail: string;
  readonly help?: string | undefined;
  readonly until?: string | undefined;
}
