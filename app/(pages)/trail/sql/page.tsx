import type { ReactNode } from "react";
import { Refusal } from "#/core/refusal.ts";
import { type AskableFact, askableFacts } from "#/queries/catalogue-facts.ts";
import { page } from "../../../page-of.tsx";
import { Card, Head } from "../../../parts/head.tsx";
import { SqlDesk } from "../../../parts/sql-desk.tsx";
import { mayAskSql } from "../../../reading.ts";
import { counted } from "../../../words.ts";

export const metadata = { title: "SQL" };

/** Hand-written SQL over the facts, for who has the power; for others there is no such page. */
export default page("/trail/sql", async ({ me }) => {
  if (!mayAskSql(me)) throw new Refusal("question.unknown", "There is no such question for you.");
  return (
    <>
      <Head
        crumbs={[{ words: "All questions", href: "/trail/questions" }]}
        title="SQL"
        lede="One SELECT over the facts, in Athena’s dialect, as far as you may see them. The ledger keeps who asked what."
      />
      <div className="body">
        <SqlDesk />
        <Card title="Tables and columns" aside="named as they are, without schema">
          <ul className="list inner">
            {Object.entries(about).map(([fact, words]) => (
              <Fact key={fact} fact={fact as AskableFact} words={words} />
            ))}
          </ul>
        </Card>
      </div>
    </>
  );
});

/** What one row is. */
const about: Readonly<Record<AskableFact, string>> = {
  events: "a call as CloudTrail recorded it, once",
  issuances: "a call of STS or the console that lent, or refused to lend, a session",
  sessions: "a session, issued or used: whose, through which roles, how long, and what it did",
  mints: "a credential asked of Roletrail, and the session it became",
  activity: "calls of a session in an hour, by service, name and outcome",
  coverage: "an hour of an account’s Region: files, records, delay, gaps",
  files: "a file of the trail: read, empty or unreadable",
  duplicates: "a record that was delivered more than once, as it came again",
};

function Fact({ fact, words }: { fact: AskableFact; words: string }): ReactNode {
  const columns = Object.entries(askableFacts[fact]);
  return (
    <li>
      <details className="min-w-0 grow">
        <summary>
          <code className="font-medium">{fact}</code> <span className="text-ink-2">{words},</span>{" "}
          <span className="text-ink-3">{counted(columns.length, "column")}</span>
        </summary>
        <dl className="fields">
          {columns.map(([name, type]) => (
            <div key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>{type}</dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  );
}
