"use client";

import { type FormEvent, type KeyboardEvent, type ReactNode, useState } from "react";
import type { Answer } from "#/core/wire.ts";
import { askSql } from "../browser/ask-sql.ts";
import type { Problem } from "../browser/deed.ts";
import { restoreFields } from "../browser/form.ts";
import { bytes } from "../words.ts";
import { Said } from "./problem.tsx";
import { dollars, SqlResult } from "./sql-result.tsx";

interface Shown {
  readonly answer: Answer;
  readonly at: Date;
}

/** The text, Run, and what it came to. Text and rows live in this component alone: no address ever holds them. */
export function SqlDesk(): ReactNode {
  const [shown, setShown] = useState<Shown | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const form = event.currentTarget;
    setBusy(true);
    setProblem(null);
    const came = await askSql({ sql: String(new FormData(form).get("sql") ?? "") }, form);
    setBusy(false);
    setProblem(came.problem);
    setShown(came.answer === null ? null : { answer: came.answer, at: new Date() });
  };

  return (
    <>
      <section className="card" aria-label="Statement">
        <form ref={restored} name="sql" className="inner grid gap-3 pt-4" onSubmit={(event) => void submit(event)}>
          <Statement />
          <div className="flex flex-wrap items-center gap-3">
            <button className="button main" type="submit" disabled={busy}>
              {busy ? "Running" : "Run"}
            </button>
            <span className="hint" role="status">
              {busy ? "At most 50 seconds; then it is stopped." : ""}
            </span>
          </div>
          {problem === null ? null : <Refused problem={problem} />}
        </form>
      </section>
      {shown === null ? null : (
        <div className={busy ? "stale" : ""} aria-busy={busy}>
          <SqlResult answer={shown.answer} now={shown.at} />
        </div>
      )}
    </>
  );
}

/** What was typed outlives a silent renewal of the sign-in, which reloads the page. */
const restored = (form: HTMLFormElement | null): void => {
  if (form !== null) restoreFields(form);
};

function Statement(): ReactNode {
  return (
    <div className="field">
      <label htmlFor="sql">Statement</label>
      <textarea
        id="sql"
        name="sql"
        rows={10}
        required
        maxLength={20_000}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        defaultValue={first}
        aria-describedby="sql-hint"
        onKeyDown={runByKey}
      />
      <span id="sql-hint" className="hint">
        <kbd>⌘ Enter</kbd> or <kbd>Ctrl Enter</kbd> runs it. At most 10,000 rows and 50 seconds; more is refused, never
        cut.
      </span>
    </div>
  );
}

const first = `select role, count(*) as sessions, max(last_call_at) as last_call_at
from sessions
group by role
order by sessions desc
limit 20`;

function runByKey(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}

/** A statement that was stopped may have cost something. */
function Refused({ problem: { title, detail, help, cost } }: { problem: Problem }): ReactNode {
  const spent =
    cost === undefined || cost.dollars === 0 ? "" : `It had read ${bytes(cost.bytes)} for ${dollars(cost.dollars)}.`;
  return <Said title={title} detail={[detail, spent].filter(Boolean).join(" ")} help={help} />;
}
