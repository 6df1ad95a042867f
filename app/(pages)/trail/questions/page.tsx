import type { ReactNode } from "react";
import { type Question, questions } from "#/queries/catalogue.ts";
import { page } from "../../../page-of.tsx";
import { Card, Head } from "../../../parts/head.tsx";
import { RowKeys } from "../../../parts/row-keys.tsx";
import { questionNamed } from "../../../question-of.ts";
import { mayAsk } from "../../../reading.ts";

export const metadata = { title: "All questions" };

/** Drawn from the catalogue: a new .sql file with its header is a new line here. */
export default page("/trail/questions", async ({ me }) => {
  const all = Object.entries(questions).filter(([name]) => mayAsk(me, questionNamed(name)));
  return (
    <>
      <Head
        title="All questions"
        lede="Each is one SQL file with a header; its page has its rows, its filters, its CSV and its SQL."
      />
      <div className="body">
        <List title="Of the trail" of={all.filter(([, { menu }]) => menu === "trail")} />
        <List title="Behind the drawings" of={all.filter(([, { menu }]) => menu === "panel")} />
      </div>
    </>
  );
});

const powerWords: Record<Question["power"], string> = {
  "see-own": "anyone, their own",
  "see-account": "who may see the account",
  "see-all": "who may see all",
};

function List({ title, of }: { title: string; of: readonly (readonly [string, Question])[] }): ReactNode {
  return (
    <Card title={title}>
      <RowKeys>
        <table className="table entries">
          <caption className="sr-only">{title}</caption>
          <thead>
            <tr>
              <th scope="col">Question</th>
              <th scope="col">It asks</th>
              <th scope="col">For</th>
            </tr>
          </thead>
          <tbody>
            {of.map(([name, { title: called, asks, power }]) => (
              <tr key={name}>
                <td className="first">
                  <a className="link" href={`/trail/${name}`}>
                    {called}
                  </a>
                  <span className="sub mono">{name}</span>
                </td>
                <td className="wide-cell text-ink-2">{asks}</td>
                <td className="text-ink-3">{powerWords[power]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </RowKeys>
    </Card>
  );
}
