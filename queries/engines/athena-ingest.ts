import type { Listed } from "../sources/source.ts";
import type { Asker } from "./athena.ts";
import { type Table, tables } from "./athena-ddl.ts";
import { refreshAthena } from "./athena-facts.ts";
import { stages } from "./stages.ts";

const secondsMax = 900;
/** Paths that one statement names: 262,144 bytes of text are Athena's limit. */
const filesAtOnce = 1_000;
/** Days of delivery of one batch: its events are of those and of a few before. */
const daysAtOnce = 30;

export interface Ingested {
  readonly files: number;
  readonly unreadable: number;
  readonly changed: boolean;
}

/**
 * One run of the facts on Athena: records of new files into `events`, then what their days touch. Each step may be the
 * last of a run that dies: a file is entered in `files` after its events, its days stay in `touched` until the facts are
 * made, so the next run finishes it, and a run without anything new changes nothing, not even the watermark.
 * @param where `s3://bucket/`, put before a listed key to make the path that the raw table has
 */
export async function ingestAthena(
  asker: Asker,
  where: string,
  listed: readonly Listed[],
  now: Date,
): Promise<Ingested> {
  const run = new Run(asker, where, now);
  const fresh = await run.unknown(listed);
  for (const some of batches(fresh)) await run.read(some);
  const days = await run.days();
  const changed = (await refreshAthena(asker, days)) || fresh.length > 0;
  if (changed) await run.write(`insert into runs values (${timestamp(now)})`);
  return { files: fresh.length, unreadable: run.unreadable, changed };
}

class Run {
  readonly #asker: Asker;
  readonly #where: string;
  readonly #now: Date;
  unreadable = 0;

  constructor(asker: Asker, where: string, now: Date) {
    this.#asker = asker;
    this.#where = where;
    this.#now = now;
  }

  async write(sql: string): Promise<number> {
    return (await this.#asker.query({ sql, seconds: secondsMax })).updated;
  }

  async #rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#asker.query({ sql, seconds: secondsMax })).rows;
  }

  /** Files that are not in the ledger, or were another then, and those that lost records to what such a one was. */
  async unknown(listed: readonly Listed[]): Promise<Listed[]> {
    const fresh = new Set<string>();
    for (let from = 0; from < listed.length; from += filesAtOnce) {
      const some = listed.slice(from, from + filesAtOnce).map(({ key }) => key);
      const rows = await this.#rows(`select file, etag from files where file in (${names(some)})`);
      const known = new Map(rows.map(({ file, etag }) => [String(file), String(etag)]));
      const etags = new Map(listed.slice(from, from + filesAtOnce).map(({ key, etag }) => [key, etag]));
      const unlike = some.filter((key) => known.get(nameOf(key)) !== etags.get(key));
      for (const key of unlike) fresh.add(nameOf(key));
      const rewritten = unlike.filter((key) => (known.get(nameOf(key)) ?? toReadAgain) !== toReadAgain);
      for (const file of await this.#forget(rewritten)) fresh.add(file);
    }
    return listed.filter(({ key }) => fresh.has(nameOf(key)));
  }

  /**
   * What a file had brought that is another now goes before it is read again; who lost to its records is read again,
   * too. The file's own ledger row stays as it was until then, so that a run that dies here is taken up by the next.
   * @returns the files whose duplicates have no winner any more
   */
  async #forget(rewritten: readonly string[]): Promise<string[]> {
    if (rewritten.length === 0) return [];
    const theirs = `select event_id, coalesce(recipient_account, '') as account from events where file in (${names(rewritten)})`;
    await this.write(`insert into touched with wanted (kind, id) as (
  select distinct 'day', cast(day as varchar) from events where file in (${names(rewritten)}))
select kind, id from wanted except select kind, id from touched`);
    const rows = await this.#rows(`select distinct d.file from duplicates d
join (${theirs}) t on t.event_id = d.event_id and t.account = coalesce(d.recipient_account, '')`);
    const losers = rows.map(({ file }) => String(file));
    if (losers.length > 0)
      await this.write(`update files set etag = '${toReadAgain}' where file in (${names(losers)})
  and file not in (${names(rewritten)})`);
    await this.write(`delete from duplicates where file in (${names([...rewritten, ...losers])})`);
    await this.write(`delete from events where file in (${names(rewritten)})`);
    return losers;
  }

  /** Days that events came to, of a run that died too. */
  async days(): Promise<string[]> {
    return (await this.#rows("select distinct id from touched where kind = 'day' order by 1")).map(({ id }) =>
      String(id),
    );
  }

  /** A file that cannot be read fails the whole statement: halves are tried until it stands alone, and is named. */
  async read(files: readonly Listed[]): Promise<void> {
    try {
      await this.#arrive(files);
    } catch (error) {
      const reason = error instanceof Error ? unreadableIn(error.message) : null;
      if (reason === null) throw error;
      const [only] = files;
      if (files.length === 1 && only !== undefined) {
        this.unreadable += 1;
        await this.#enter([only], "unreadable", reason);
        return;
      }
      await this.read(files.slice(0, files.length / 2));
      await this.read(files.slice(files.length / 2));
      return;
    }
    await this.#settle();
    await this.#enter(files, null, null);
  }

  async #arrive(files: readonly Listed[]): Promise<void> {
    const paths = files.map(({ key }) => text(`${this.#where}${key}`)).join(", ");
    const among = (part: keyof Place): string =>
      [...new Set(files.map(({ key }) => text(placeOf(key)[part])))].join(", ");
    // Both the partitions and the paths prune: only these files are opened.
    const raw = `new_files as (select r.*, r."$path" as path from cloudtrail_raw r
  where r.account in (${among("account")}) and r.region in (${among("region")}) and r.day in (${among("day")})
    and r."$path" in (${paths}))`;
    const columns = Object.keys(tables.arrived).join(", ");
    await this.write("delete from arrived");
    await this.write(
      `insert into arrived (${columns})\nwith ${raw}, staged as (\n${stages.athena}\n)\nselect ${columns} from staged`,
    );
  }

  /** Of several records of one event the first by object key wins, whichever came first; the others are kept as duplicates. */
  async #settle(): Promise<void> {
    const rows = await this.#rows("select distinct cast(day as varchar) as day from arrived order by 1");
    const days = rows.map(({ day }) => `date '${String(day)}'`).join(", ");
    if (days === "") return;
    const columns = Object.keys(tables.events);
    const list = columns.join(", ");
    await this.write(`insert into duplicates (${lost.join(", ")})
with candidates as (
  select ${lost.join(", ")} from arrived
  union select ${lost.join(", ")} from events where day in (${days})
),
ranked as (
  select candidates.*, row_number() over (
    partition by event_id, coalesce(recipient_account, '') order by file, file_index) as place
  from candidates
)
select ${lost.join(", ")} from ranked where place > 1
except select ${lost.join(", ")} from duplicates`);
    await this.write(`insert into touched with wanted (kind, id) as (select distinct 'day', cast(day as varchar) from arrived)
select kind, id from wanted except select kind, id from touched`);
    await this.write(`merge into events t
using (
  select ${list} from (
    select arrived.*, row_number() over (
      partition by event_id, coalesce(recipient_account, '') order by file, file_index) as place
    from arrived
  ) x where place = 1
) s
on t.day = s.day and t.event_id = s.event_id and coalesce(t.recipient_account, '') = coalesce(s.recipient_account, '')
  and t.day in (${days})
when matched and (s.file < t.file or (s.file = t.file and s.file_index < t.file_index))
  then update set ${columns.map((name) => `${name} = s.${name}`).join(", ")}
when not matched then insert (${list}) values (${columns.map((name) => `s.${name}`).join(", ")})`);
  }

  async #enter(files: readonly Listed[], state: "unreadable" | null, reason: string | null): Promise<void> {
    const rows = files.map(({ key, bytes, etag }) => `(${text(nameOf(key))}, ${bytes}, ${text(etag)})`).join(", ");
    const counted =
      state === null
        ? "select file, count(*) as records from arrived group by file"
        : "select '' as file, 0 as records";
    await this.write(`merge into files t
using (
  select l.file, l.bytes, l.etag, coalesce(c.records, 0) as records
  from (values ${rows}) as l (file, bytes, etag)
  left join (${counted}) c on c.file = l.file
) s
on t.file = s.file
when matched then update set bytes = s.bytes, etag = s.etag, records = s.records, state = ${stateOf(state)}, reason = ${reason === null ? "null" : text(reason)}
when not matched then insert (file, bytes, etag, first_seen_at, records, rejected_records, state, reason)
  values (s.file, s.bytes, s.etag, ${timestamp(this.#now)}, s.records, 0, ${stateOf(state)}, ${reason === null ? "null" : text(reason)})`);
  }
}

interface Place {
  readonly account: string;
  readonly region: string;
  /** `2026/11/20`, of delivery. */
  readonly day: string;
}

/** Where CloudTrail put a file: the partition that the raw table finds it in. */
function placeOf(key: string): Place {
  const [, account = "", region = "", day = ""] =
    /\/(\d{12})\/CloudTrail\/([\w-]+)\/(\d{4}\/\d{2}\/\d{2})\/[^/]*$/.exec(key) ?? [];
  return { account, region, day };
}

/** Files that are read together: of few days, because a write reaches at most 100 partitions, and those are days. */
function batches(files: readonly Listed[]): Listed[][] {
  const found: Listed[][] = [];
  let days = new Set<string>();
  for (const file of files.toSorted((a, b) => (placeOf(a.key).day < placeOf(b.key).day ? -1 : 1))) {
    const { day } = placeOf(file.key);
    const last = found.at(-1);
    if (last === undefined || last.length === filesAtOnce || days.size + (days.has(day) ? 0 : 1) > daysAtOnce) {
      found.push([file]);
      days = new Set([day]);
    } else {
      last.push(file);
      days.add(day);
    }
  }
  return found;
}

/** The columns of `duplicates`, which the losers of an event leave. */
const lost: readonly string[] = Object.keys(tables["duplicates" satisfies Table]);

const stateOf = (state: string | null): string =>
  state === null ? "case when s.records = 0 then 'empty' else 'loaded' end" : text(state);

/** The etag of a file that is to be read again although it is what it was. */
const toReadAgain = "";

const names = (keys: readonly string[]): string => keys.map((key) => text(nameOf(key))).join(", ");

/** As the laptop names a file: from AWSLogs on, whatever prefix the bucket has before it. */
const nameOf = (key: string): string => /AWSLogs\/.*$/.exec(key)?.[0] ?? key;

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

const timestamp = (at: Date): string => `timestamp '${at.toISOString().slice(0, 23).replace("T", " ")}000'`;

/** What Athena calls a file that it cannot read; null for every other failure. */
function unreadableIn(message: string): string | null {
  const [code] = /HIVE_(CANNOT_OPEN_SPLIT|CURSOR_ERROR|BAD_DATA)/.exec(message) ?? [];
  if (code === undefined) return null;
  return code === "HIVE_CANNOT_OPEN_SPLIT" ? "the gzip cannot be opened" : "the JSON or the gzip is damaged";
}
