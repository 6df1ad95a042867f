import type { ReactNode } from "react";
import type { Rows } from "#/queries/catalogue.ts";
import { page } from "../../../page-of.tsx";
import { Behind } from "../../../parts/behind.tsx";
import { RangeLinks } from "../../../parts/filters.tsx";
import { Card, Empty, Head } from "../../../parts/head.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { Standing } from "../../../parts/standing.tsx";
import { Time } from "../../../parts/time.tsx";
import { question } from "../../../reading.ts";
import { stretches, windowOf } from "../../../window.ts";
import { bytes, count, counted, day, duration } from "../../../words.ts";

export const metadata = { title: "Health" };

type Summary = Rows["trail-summary"];
type Coverage = Rows["trail-coverage"];

export default page("/trail/health", async ({ me, path, search, now }) => {
  const window = windowOf(search, me.complete_up_to, now);
  const params = { since: window.since, until: window.until };
  const [summary, problems, coverage] = await Promise.all([
    question("trail-summary", params),
    question("trail-problems", {}),
    question("trail-coverage", params),
  ]);
  const row = summary.rows[0];
  const days = byDay(coverage.rows, stretches({ ...window, grain: "day" }));
  return (
    <>
      <Head title="Health" lede="What was read of the trail, what could not be, and how late it came.">
        <RangeLinks path={path} search={search} window={window} />
      </Head>
      <Standing answers={[summary, problems, coverage]} now={now} />
      <div className="body">
        {row === undefined ? null : <Figures row={row} now={now} />}
        <Problems rows={problems.rows} isEmpty={row?.files === 0} now={now} />
        <Card
          title="Day by day"
          aside="came in: from the event to its file, in the slowest account"
          footer={<Behind question="trail-coverage" params={params} />}
        >
          {coverage.rows.length === 0 ? (
            <Empty title="No event of these days is read">
              Each day shows what came of it, how late, and how much twice.
            </Empty>
          ) : (
            <DaysTable days={days} now={now} />
          )}
        </Card>
      </div>
    </>
  );
});

function Figures({ row, now }: { row: Summary; now: Date }): ReactNode {
  return (
    <section className="card figures" aria-label="In numbers">
      <Figure
        what="Files"
        number={count(row.files)}
        more={
          row.files === 0 ? "none was found" : `${bytes(row.bytes)} in all, ${counted(row.empty_files, "empty one")}`
        }
      />
      <Figure
        what="Unreadable files"
        number={count(row.unreadable_files)}
        more={row.files === 0 ? "none to read" : row.unreadable_files === 0 ? "every file was read" : "named below"}
        bad={row.unreadable_files > 0}
      />
      <Figure
        what="Rejected records"
        number={count(row.rejected_records)}
        more={
          row.files === 0
            ? "none to read"
            : row.rejected_records === 0
              ? "every record was read"
              : "the rest of their files loaded"
        }
        bad={row.rejected_records > 0}
      />
      <Figure
        what="Events in this time"
        number={count(row.distinct_events)}
        more={`${count(row.duplicates)} duplicates left out`}
      />
      <Figure
        what="Accounts in this time"
        number={count(row.accounts)}
        more={
          <>
            {counted(row.regions, "region")}
            {row.first_event_at === null ? null : (
              <>
                , since <Time at={row.first_event_at} now={now} />
              </>
            )}
          </>
        }
      />
    </section>
  );
}

function Figure({
  what,
  number,
  more,
  bad = false,
}: {
  what: string;
  number: string;
  more: ReactNode;
  bad?: boolean;
}): ReactNode {
  return (
    <div>
      <div className="what">{what}</div>
      <div className="number">
        <span className={bad ? "text-denied" : ""}>{number}</span>
      </div>
      <div className="more">{more}</div>
    </div>
  );
}

function Problems({
  rows,
  isEmpty,
  now,
}: {
  rows: readonly Rows["trail-problems"][];
  isEmpty: boolean;
  now: Date;
}): ReactNode {
  return (
    <Card
      title="What could not be read"
      aside={rows.length === 0 ? undefined : counted(rows.length, "file")}
      footer={<Behind question="trail-problems" params={{}} />}
    >
      {isEmpty ? (
        <Empty title="No file was found">
          CloudTrail’s files, gzipped or plain JSON, show here once they lie in the folder or bucket that Roletrail
          reads.
        </Empty>
      ) : rows.length === 0 ? (
        <Empty title="Everything listed was read">A damaged file or record shows here by name with its reason.</Empty>
      ) : (
        <table className="table entries">
          <caption className="sr-only">Files that could not be read, or not whole</caption>
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Reason</th>
              <th scope="col" className="n">
                Records lost
              </th>
              <th scope="col">First seen</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, 200).map((row) => (
              <tr key={row.file}>
                <td className="wide-cell first">
                  <Mark kind="refused" label={row.state} /> <code className="break-all">{row.file}</code>
                </td>
                <td className="wide-cell">{row.reason ?? row.state}</td>
                <td className="n" data-label="records lost">
                  {row.state === "unreadable" ? "all" : count(row.rejected_records ?? 0)}
                </td>
                <td className="tight">
                  {row.first_seen_at === null ? null : <Time at={row.first_seen_at} now={now} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

interface DayLine {
  readonly at: string;
  readonly accounts: number;
  readonly files: number;
  readonly bytes: number;
  readonly records: number;
  readonly duplicates: number;
  readonly p50: number | null;
  readonly p95: number | null;
}

/** Every day of the window, also those without a file: a gap is drawn, not left out. */
function byDay(rows: readonly Coverage[], all: readonly string[]): DayLine[] {
  return all
    .map((at) => {
      const these = rows.filter((row) => row.day.slice(0, 10) === at.slice(0, 10));
      const sum = (of: (row: Coverage) => number): number => these.reduce((total, row) => total + of(row), 0);
      const worst = (of: (row: Coverage) => number | null): number | null =>
        these.map(of).reduce((a, b) => (a === null ? b : b === null ? a : Math.max(a, b)), null);
      return {
        at,
        accounts: these.length,
        files: sum((row) => row.files),
        bytes: sum((row) => row.bytes),
        records: sum((row) => row.records),
        duplicates: sum((row) => row.duplicates),
        p50: worst((row) => row.delay_p50_s),
        p95: worst((row) => row.delay_p95_s),
      };
    })
    .reverse();
}

function DaysTable({ days, now }: { days: readonly DayLine[]; now: Date }): ReactNode {
  return (
    <table className="table entries">
      <caption className="sr-only">What was read, day by day, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Day</th>
          {["Accounts", "Files", "Size", "Events", "Duplicates", "Half came in", "95 % came in"].map((head) => (
            <th key={head} scope="col" className="n">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {days.map((line) => (
          <DayRow key={line.at} line={line} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function DayRow({ line, now }: { line: DayLine; now: Date }): ReactNode {
  if (line.records === 0)
    return (
      <tr>
        <td className="first">{day(line.at, now)}</td>
        <td colSpan={7} className="text-outside">
          <Mark kind="outside" /> no event of this day
        </td>
      </tr>
    );
  return (
    <tr>
      <td className="first">{day(line.at, now)}</td>
      <td className="n" data-label="accounts">
        {count(line.accounts)}
      </td>
      <td className="n" data-label="files">
        {count(line.files)}
      </td>
      <td className="n">{bytes(line.bytes)}</td>
      <td className="n" data-label="events">
        {count(line.records)}
      </td>
      <td className="n" data-label="duplicates">
        {count(line.duplicates)}
      </td>
      <td className="n" data-label="half in">
        {line.p50 === null ? "–" : duration(line.p50)}
      </td>
      <td className="n" data-label="95 % in">
        {line.p95 === null ? "–" : duration(line.p95)}
      </td>
    </tr>
  );
}
