import type { DayTable } from "../facts/tables.ts";
import { texts } from "../facts/texts.ts";
import type { Asker } from "./athena.ts";
import { tables } from "./athena-ddl.ts";
import { computeOf, differing, mergeOf, type Portion, waiting } from "./athena-merge.ts";

/** One statement of a facts run may take this long; Athena itself stops a query after 30 minutes. */
const secondsMax = 900;
/** Partitions that one statement writes: Athena's limit is 100. */
const daysAtOnce = 60;

/**
 * Brings the Iceberg facts up to date with `events`, as queries/refresh.ts does in DuckDB and with the same texts: what
 * the changed days touch is computed again, and merged where it differs. `touched` is kept in a table until the end, so a
 * run that died is finished by the next. @returns whether any fact changed.
 */
export async function refreshAthena(asker: Asker, days: readonly string[]): Promise<boolean> {
  const run = new Refresh(asker);
  if (days.length === 0 && (await run.touchedSoFar()) === 0) return false;
  await run.readDays("records", days, "'issuance', x.issuance_id");
  await run.openIssuances();
  await run.readDays("uses", [...new Set([...days, ...(await run.daysOfChangedKeys())])], "'identity', x.identity");
  await run.link();
  await run.readDays("covered", days);
  await run.readDays("edits", days);
  await run.write("delete from touched");
  return run.hasChanged;
}

const touched = (kind: string): string => `(select id from touched where kind = '${kind}')`;

const issuedKeys = `issued_keys as (
  select distinct access_key_id from openings where outcome = 'ok' and access_key_id is not null)`;
const componentUses = `component_uses as (select * from uses where identity in ${touched("tied-identity")})`;
const componentOpenings = `component_openings as (select * from openings where issuance_id in ${touched("tied-issuance")})`;
const openingsOf = (kind: string, key: string): string =>
  `touched_openings as (select * from openings where ${key} in ${touched(kind)})`;
const linksOf = `touched_links as (select * from links where session_id in ${touched("session")})`;
const openedOf = `touched_opened as (select * from opened where session_id in ${touched("session")})`;

class Refresh {
  readonly #asker: Asker;
  /** Whether anything was touched but days: Athena counts the rows of an INSERT, and says nothing of a MERGE's. */
  hasChanged = false;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  async write(sql: string): Promise<number> {
    return (await this.#asker.query({ sql, seconds: secondsMax })).updated;
  }

  /** Adds `kind, id` rows that are not there yet. @returns how many. */
  async #touch(select: string, scopes: readonly string[] = []): Promise<number> {
    return this.write(`insert into touched with ${[...scopes, `wanted (kind, id) as (${select})`].join(", ")}
select kind, id from wanted where id is not null except select kind, id from touched`);
  }

  /** Computes, touches what differs before it is merged, so that no death loses it, and merges. */
  async #merge(portion: Portion, touching?: string): Promise<void> {
    await this.write(`delete from ${waiting(portion.table)}`);
    await this.write(computeOf({ ...portion, scopes: [issuedKeys, ...portion.scopes] }));
    if (touching !== undefined) await this.#touch(differing(portion, touching));
    await this.write(mergeOf(portion));
  }

  /** Facts of one day of events each. */
  async readDays(table: DayTable, days: readonly string[], touching?: string): Promise<void> {
    for (let from = 0; from < days.length; from += daysAtOnce) {
      const dates = days
        .slice(from, from + daysAtOnce)
        .map((day) => `date '${day}'`)
        .join(", ");
      const of = table === "covered" ? "cast(hour as date)" : "day";
      await this.#merge(
        {
          table,
          text: texts[table],
          scopes: [`day_events as (select * from events where day in (${dates}))`],
          owned: `${of} in (${dates})`,
        },
        touching,
      );
    }
  }

  async openIssuances(): Promise<void> {
    // A session's id depends on who shares its principal and second, or its key: those are computed along.
    const beside = `select issuance_id from records
      where session_principal_id in (select session_principal_id from records where issuance_id in ${touched("issuance")})
        or access_key_id in (select access_key_id from records where issuance_id in ${touched("issuance")})`;
    await this.#touch(`select 'issuance', issuance_id from (${beside}) near`);
    const before = `select 'session', session_id from openings where issuance_id in ${touched("issuance")}
      union all select 'key', access_key_id from openings where issuance_id in ${touched("issuance")}`;
    await this.#touch(before);
    await this.#merge({
      table: "openings",
      text: texts.openings,
      scopes: [
        `read_issuances as (select id as issuance_id from touched where kind = 'issuance' union ${beside})`,
        "component_records as (select * from records where issuance_id in (select issuance_id from read_issuances))",
      ],
      owned: `issuance_id in ${touched("issuance")}`,
    });
    await this.#touch(before);
  }

  /** Calls without a creationDate are told apart by second once their key is known to be issued: those days change. */
  async daysOfChangedKeys(): Promise<string[]> {
    const { rows } = await this.#asker.query({
      sql: `with ${issuedKeys}
select distinct cast(day as varchar) as day from uses
where session_created_at is null and access_key_id in ${touched("key")}
  and (only_at is null) = (access_key_id in (select access_key_id from issued_keys))`,
      seconds: secondsMax,
    });
    return rows.map(({ day }) => String(day));
  }

  /** Days that came are no reason to link anything. */
  async touchedSoFar(): Promise<number> {
    const sql = "select count(*) as n from touched where kind <> 'day'";
    const { rows } = await this.#asker.query({ sql, seconds: secondsMax });
    return Number(rows[0]?.["n"]);
  }

  async link(): Promise<void> {
    this.hasChanged = (await this.touchedSoFar()) > 0;
    if (!this.hasChanged) return;
    await this.#gatherComponent();
    await this.#joinCalls();
    await this.#callIssuances();
    await this.#openSessions();
    await this.#follow();
  }

  /** Every identity and issuance that a key, or a principal and second, ties to what is touched. */
  async #gatherComponent(): Promise<void> {
    await this.#touch(`select 'tied-issuance', issuance_id from openings where issuance_id in ${touched("issuance")}
      union all select 'tied-identity', id from touched where kind = 'identity'
      union all select 'tied-identity', identity from uses where access_key_id in ${touched("key")}
      union all select 'tied-identity', identity from links where session_id in ${touched("session")}`);
    while ((await this.#touch(tying, [componentUses, componentOpenings])) > 0);
  }

  async #joinCalls(): Promise<void> {
    const before = `select 'session', session_id from links where identity in ${touched("tied-identity")}
      union all select 'session', session_id from openings where issuance_id in ${touched("tied-issuance")}`;
    await this.#touch(before);
    await this.#keepScope("uses", `identity in ${touched("tied-identity")}`);
    await this.#keepScope("openings", `issuance_id in ${touched("tied-issuance")}`);
    await this.#merge({
      table: "links",
      text: texts.links,
      scopes: ["component_uses as (select * from scope_uses)", "component_openings as (select * from scope_openings)"],
      owned: `identity in ${touched("tied-identity")}`,
    });
    await this.#touch(before);
  }

  async #keepScope(table: "uses" | "openings", condition: string): Promise<void> {
    const names = Object.keys(tables[table]).join(", ");
    await this.write(`delete from scope_${table}`);
    await this.write(`insert into scope_${table} (${names}) select ${names} from ${table} where ${condition}`);
  }

  /** Calls that issue or refuse a session, of sessions that may be others now; then which mint is which session. */
  async #callIssuances(): Promise<void> {
    await this.#touch(calling, [componentUses]);
    const scopes = [openingsOf("call", "issuance_id")];
    const owned = `issuance_id in ${touched("call")}`;
    await this.#merge({ table: "callers", text: texts.callers, scopes, owned });
    await this.#merge({ table: "issuances", text: texts.issuances, scopes, owned });
    await this.#touch(`select 'session', session_id from openings where issuance_id in ${touched("call")}`);
    const matches = { table: "matches", text: texts.matches, scopes: [], owned: "true" } as const;
    await this.#merge(matches, "'matched', x.session_id");
    await this.#touch(`select 'matched', session_id from matches where mint_id in ${touched("mint")}
      union all select 'session', id from touched where kind = 'matched'`);
    await this.#touch(`select 'session', id from touched where kind = 'matched'
      union all select 'session', c.caller_session_id from callers c join openings o on o.issuance_id = c.issuance_id
        where o.session_id in ${touched("matched")}`);
  }

  async #openSessions(): Promise<void> {
    await this.#merge({
      table: "opened",
      text: texts.opened,
      scopes: [openingsOf("session", "session_id"), linksOf],
      owned: `session_id in ${touched("session")}`,
    });
  }

  /** The lineage of what is touched and of all that came from it, one generation a statement, until nothing is added. */
  async #follow(): Promise<void> {
    const next = `select 'session', session_id from opened where parent_session_id in ${touched("session")}`;
    while ((await this.#touch(next)) > 0);
    await this.write(`delete from lineage where session_id in ${touched("session")}`);
    const insert = `insert into lineage with ${openedOf}, made as (\n${texts.lineage}\n) select * from made`;
    while ((await this.write(insert)) > 0);
    await this.#merge({
      table: "sessions",
      text: texts.sessions,
      scopes: [openedOf],
      owned: `session_id in ${touched("session")}`,
    });
  }
}

const tying = `select 'tied-issuance', issuance_id from openings
  where outcome = 'ok' and access_key_id in (select access_key_id from component_uses)
union all select 'tied-issuance', o.issuance_id from openings o join component_uses u
  on o.principal_id = u.principal_id and o.happened_at = u.session_created_at
union all select 'tied-issuance', o.issuance_id from openings o join component_uses u
  on o.likely_arn = u.principal_arn and o.happened_at = u.session_created_at
union all select 'tied-identity', identity from uses
  where access_key_id in (select access_key_id from component_openings where outcome = 'ok')
union all select 'tied-identity', u.identity from uses u join component_openings o
  on o.principal_id = u.principal_id and o.happened_at = u.session_created_at
union all select 'tied-identity', u.identity from uses u join component_openings o
  on o.likely_arn = u.principal_arn and o.happened_at = u.session_created_at`;

const calling = `select 'call', id from touched where kind in ('issuance', 'tied-issuance')
union all select 'call', issuance_id from openings where parent_key_id in (select access_key_id from component_uses)
union all select 'call', o.issuance_id from openings o join component_uses u
  on coalesce(o.caller_principal_id, o.caller_principal_arn) = coalesce(u.principal_id, u.principal_arn)
  and o.caller_created_at = u.session_created_at`;
