// Made by `npm run generate` from the headers of queries/*.sql. Do not edit.

export type ColumnType = "text" | "bigint" | "double" | "boolean" | "timestamp" | "date" | "json";

export interface Field {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly about: string;
}

export interface Question {
  readonly title: string;
  readonly asks: string;
  /** The power its reader needs (core/access.ts); the engine's views limit what is seen. */
  readonly power: "see-own" | "see-account" | "see-all";
  readonly chart: "table" | "matrix" | "bars" | "flow" | "figures" | "lineage" | "lives" | "calendar";
  /** `trail`: a question of its own in the menu; `panel`: part of a page. */
  readonly menu: "trail" | "panel";
  readonly params: readonly Field[];
  readonly columns: readonly Field[];
  /** Trino's dialect; values are `:name` (queries/placeholders.ts). */
  readonly sql: string;
}

/** What a question takes; a param left out or null does not narrow the answer. Times are ISO, `2026-11-21T09:30:00Z`. */
export interface Params {
  "assumption-flow": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** False leaves out what AWS services and known workload issuers did; else all are counted. */
    readonly include_services?: boolean | null;
    /** Only roles of this account. */
    readonly account?: string | null;
    /** Only steps into this role (ARN). */
    readonly role?: string | null;
    /** Only the steps taken most, so many. */
    readonly top?: number | null;
  };
  "assumption-matrix": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** False leaves out what AWS services and known workload issuers did; else all are counted. */
    readonly include_services?: boolean | null;
    /** Only roles of this account. */
    readonly account?: string | null;
    /** Only this call. */
    readonly api?: string | null;
    /** Only this way in: broker, outside, service, console or no-record. */
    readonly way?: string | null;
    /** Only this role (ARN). */
    readonly role?: string | null;
    /** Only the pairs seen most, so many. */
    readonly top?: number | null;
  };
  "assumption-totals": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** Only roles of this account. */
    readonly account?: string | null;
  };
  "assumptions-over-time": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** False leaves out what AWS services and known workload issuers did; else all are counted. */
    readonly include_services?: boolean | null;
    /** hour, else it is a day. */
    readonly grain?: string | null;
    /** Only roles of this account. */
    readonly account?: string | null;
    /** Only this role (ARN). */
    readonly role?: string | null;
    /** Only this caller. */
    readonly caller?: string | null;
  };
  "denied-assumptions": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** False leaves out what AWS services and known workload issuers did; else all are counted. */
    readonly include_services?: boolean | null;
    /** Only roles of this account. */
    readonly account?: string | null;
    /** Only this role (ARN). */
    readonly role?: string | null;
    /** Only this caller. */
    readonly caller?: string | null;
    /** Only so many, the newest. */
    readonly newest?: number | null;
  };
  "find": {
    /** Part of a role's name, a caller or a session name; a session id or an access key. */
    readonly text?: string | null;
  };
  "look-first": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** Only roles of this account. */
    readonly account?: string | null;
  };
  "mint-reconciliation": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** Only roles of this account. */
    readonly account?: string | null;
    /** Only this person's id (p_…). */
    readonly person?: string | null;
    /** Only seen, never-seen or not-handed-over. */
    readonly state?: string | null;
    /** Only so many, the newest. */
    readonly newest?: number | null;
  };
  "overview-days": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** Only roles of this account. */
    readonly account?: string | null;
  };
  "overview-figures": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** Only roles of this account. */
    readonly account?: string | null;
  };
  "refusals-by-role": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** False leaves out what AWS services and known workload issuers did; else all are counted. */
    readonly include_services?: boolean | null;
    /** Only roles of this account. */
    readonly account?: string | null;
  };
  "role-history": {
    /** The role (ARN). */
    readonly role?: string | null;
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
  };
  "session-calls": {
    /** A session id, or one of its access keys. */
    readonly session?: string | null;
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
  };
  "session-lineage": {
    /** A session id. */
    readonly session?: string | null;
  };
  "session-lives": {
    /** Session ids, comma separated, 200 at most. */
    readonly sessions?: string | null;
  };
  "session": {
    /** A session id, or one of its access keys. */
    readonly session?: string | null;
  };
  "sessions-outside-the-broker": {
    /** Start of the window, included: sessions issued, or where no issue is known first used, in it. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** False leaves out what AWS services and known workload issuers did; else all are counted. */
    readonly include_services?: boolean | null;
    /** Only sessions of this account. */
    readonly account?: string | null;
    /** Only sessions of this role (ARN). */
    readonly role?: string | null;
    /** Only so many, the newest. */
    readonly newest?: number | null;
  };
  "sessions": {
    /** Start of the window, included: sessions issued, or where no issue is known first used, in it. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** False leaves out what AWS services and known workload issuers did; else all are counted. */
    readonly include_services?: boolean | null;
    /** Only sessions of this account. */
    readonly account?: string | null;
    /** Only this role (ARN). */
    readonly role?: string | null;
    /** Only this caller. */
    readonly caller?: string | null;
    /** Only this person's id (p_…), sessions chained from theirs included. */
    readonly person?: string | null;
    /** Only of this one at the root of the chain: a person's id (p_…) or a root caller. */
    readonly who?: string | null;
    /** Only this origin: broker, outside, service, console or no-record. */
    readonly origin?: string | null;
    /** Only sessions issued and not expired at this time. */
    readonly live_at?: string | null;
    /** Only so many, the newest. */
    readonly newest?: number | null;
  };
  "trail-coverage": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** Only roles of this account. */
    readonly account?: string | null;
  };
  "trail-problems": {
  };
  "trail-summary": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
  };
  "who-assumed-which-role": {
    /** Start of the window, included. */
    readonly since?: string | null;
    /** End of the window, excluded. */
    readonly until?: string | null;
    /** False leaves out what AWS services and known workload issuers did; else all are counted. */
    readonly include_services?: boolean | null;
    /** Only roles of this account. */
    readonly account?: string | null;
    /** Only this call: AssumeRole, AssumeRoleWithSAML or AssumeRoleWithWebIdentity. */
    readonly api?: string | null;
    /** Only this role (ARN). */
    readonly role?: string | null;
    /** Only the rows seen most, so many. */
    readonly top?: number | null;
  };
}

/** A row of a question's answer: times are ISO, json is an array or object, absent is null. */
export interface Rows {
  "assumption-flow": {
    /** 1 is the step from a person or machine to its first role. */
    readonly hop: number;
    /** The person's id or root caller at hop 1, else the role before. */
    readonly source: string;
    /** person, the kind of the root caller, or role. */
    readonly source_kind: string;
    /** The role taken on; null where the session has none. */
    readonly target: string | null;
    readonly way: string;
    readonly sessions: number;
  };
  "assumption-matrix": {
    /** The person's id (p_…) where the broker minted the way in, else the root caller. */
    readonly who: string;
    /** person, or the kind of the root caller. */
    readonly who_kind: string;
    /** broker, outside, service, console or no-record; refused where nothing succeeded. */
    readonly way: string;
    readonly role: string | null;
    readonly role_account: string | null;
    readonly succeeded: number;
    readonly failed: number;
    /** Those of succeeded that the broker did not open. */
    readonly outside: number;
    readonly hops_max: number | null;
    readonly first_at: string;
    readonly last_at: string;
  };
  "assumption-totals": {
    /** People and machines at the root of every chain, services left out. */
    readonly callers: number;
    /** Roles they took on. */
    readonly roles: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly service_callers: number;
    readonly service_succeeded: number;
  };
  "assumptions-over-time": {
    /** Start of the day or hour. */
    readonly at: string;
    readonly broker: number;
    readonly services: number;
    readonly outside: number;
    readonly console: number;
    readonly no_record: number;
    readonly denied: number;
  };
  "denied-assumptions": {
    readonly event_id: string;
    readonly happened_at: string;
    readonly caller: string;
    /** Most refused calls name their role in the error's text only. */
    readonly role: string | null;
    /** AccessDenied where it was refused; other codes where the request was wrong. */
    readonly error_code: string;
    /** What AWS said. */
    readonly reason: string | null;
    readonly caller_kind: string;
    readonly role_account: string | null;
    readonly api: string;
    /** denied or failed. */
    readonly outcome: string;
    /** identity-policy, trust-policy, session-policy, boundary, scp, rcp, explicit-deny or other. */
    readonly reason_class: string | null;
    readonly caller_session_id: string | null;
    readonly source_ip: string | null;
    readonly user_agent: string | null;
    readonly region: string | null;
    /** Behind a caller that is a session: the person's id, or the root caller. */
    readonly who: string | null;
  };
  "find": {
    /** role, person, caller or session. */
    readonly kind: string;
    /** ARN, person id, caller or session id. */
    readonly id: string;
    readonly label: string;
    readonly account: string | null;
    readonly last_at: string | null;
    readonly sessions: number;
  };
  "look-first": {
    /** outside, refused, first-seen, long or never-seen. */
    readonly kind: string;
    readonly times: number;
    /** The root caller, or the person's id. */
    readonly who: string | null;
    readonly role: string | null;
    readonly role_account: string | null;
    /** When last. */
    readonly at: string | null;
    /** One of them, the last. */
    readonly session_id: string | null;
    /** Source address, reason or number of hops. */
    readonly detail: string | null;
  };
  "mint-reconciliation": {
    readonly mint_id: string;
    /** seen, never-seen, or not-handed-over where nothing left the broker. */
    readonly state: string;
    readonly person_id: string;
    readonly account: string;
    readonly role: string;
    readonly road: string;
    readonly outcome: string;
    readonly intended_at: string;
    readonly issued_at: string | null;
    readonly expires_at: string | null;
    readonly access_key_id: string | null;
    readonly session_id: string | null;
    /** How it was matched: key, tag, or name and second. */
    readonly match: string | null;
    readonly calls: number | null;
    readonly last_call_at: string | null;
    readonly reason: string | null;
  };
  "overview-days": {
    /** Midnight UTC; days without anything are left out. */
    readonly at: string;
    /** Services left out. */
    readonly sessions: number;
    readonly people: number;
    readonly roles: number;
    readonly denied: number;
    readonly outside: number;
    readonly broker: number;
    readonly services: number;
    readonly console: number;
    readonly no_record: number;
  };
  "overview-figures": {
    /** Issued, services left out. */
    readonly sessions: number;
    /** The same in the window of equal length just before; null where the log does not reach back over nine tenths of it. */
    readonly sessions_before: number | null;
    readonly service_sessions: number;
    /** Persons whose mints opened sessions. */
    readonly people: number;
    /** Root callers that are no persons of the broker and no services. */
    readonly callers: number;
    /** Roles taken on. */
    readonly roles: number;
    readonly denied: number;
    /** In the 24 hours before until, or before the newest event. */
    readonly denied_last_day: number;
    /** Sessions the broker never issued; console sessions and services are not among them. */
    readonly outside: number;
    /** Callers behind them. */
    readonly outside_keys: number;
    readonly outside_roles: number;
    readonly console: number;
    readonly no_record: number;
    readonly broker: number;
    readonly calls: number;
    /** Broker sessions not expired at until, or at the newest event. */
    readonly live: number;
    readonly minted: number;
    /** Mints handed over that no session in the log matches. */
    readonly minted_never_seen: number;
  };
  "refusals-by-role": {
    readonly caller: string;
    readonly caller_kind: string;
    readonly role: string | null;
    readonly role_account: string | null;
    readonly error_code: string;
    readonly reason_class: string | null;
    readonly times: number;
    readonly first_at: string;
    readonly last_at: string;
  };
  "role-history": {
    readonly event_id: string;
    readonly happened_at: string;
    /** The IAM call. */
    readonly name: string;
    readonly caller: string;
    readonly outcome: string;
    readonly error_code: string | null;
    /** The policy's name or ARN, where the call names one. */
    readonly policy: string | null;
    readonly source_ip: string | null;
  };
  "session-calls": {
    readonly event_id: string;
    readonly happened_at: string;
    /** The service, as iam.amazonaws.com. */
    readonly source: string;
    readonly name: string;
    /** ok, denied or failed. */
    readonly outcome: string;
    readonly error_code: string | null;
    readonly source_ip: string | null;
    readonly region: string | null;
    /** key, principal+creationDate, or ambiguous where another session fits as well. */
    readonly joined_by: string;
    readonly error_message: string | null;
    readonly user_agent: string | null;
    readonly account: string | null;
    readonly access_key_id: string | null;
    /** The service that forwarded the call; null where the session signed it itself. */
    readonly invoked_by: string | null;
    readonly read_only: boolean | null;
    /** Management or Data. */
    readonly category: string | null;
    /** The role an AssumeRole* call aimed at. */
    readonly role: string | null;
    /** The session it opened. */
    readonly opened_session_id: string | null;
    readonly session_id: string;
  };
  "session-lineage": {
    /** 1 is the way in; the last is the session itself. */
    readonly step: number;
    readonly session_id: string;
    readonly access_key_id: string | null;
    /** Who made the call that opened it: for step 1 the person or machine. */
    readonly caller: string;
    readonly caller_kind: string;
    readonly role: string | null;
    readonly account: string | null;
    readonly session_name: string | null;
    readonly made_by: string;
    readonly origin: string;
    readonly person_id: string | null;
    readonly mint_id: string | null;
    readonly source_identity: string | null;
    readonly issued_at: string | null;
    /** How this step's caller is known to be the step before. */
    readonly joined_by: string;
    /** Where the link is missing: why. */
    readonly why: string | null;
    /** The key that signed the call that opened it. */
    readonly parent_key_id: string | null;
    /** That call's event. */
    readonly event_id: string | null;
    readonly calls: number;
  };
  "session-lives": {
    readonly session_id: string;
    readonly starts_at: string;
    readonly ends_at: string;
    /** [seconds after starts_at, calls, denied] for each of at most 120 stretches of the life. */
    readonly ticks: readonly unknown[];
  };
  "session": {
    readonly session_id: string;
    readonly access_key_id: string | null;
    readonly made_by: string;
    readonly origin: string;
    readonly way: string;
    readonly issuance_id: string | null;
    readonly api: string | null;
    readonly issued_at: string | null;
    readonly expires_at: string | null;
    /** The lifetime asked for. */
    readonly seconds: number | null;
    readonly caller: string;
    readonly caller_kind: string;
    readonly role: string | null;
    readonly account: string | null;
    readonly session_name: string | null;
    readonly principal_id: string | null;
    readonly source_identity: string | null;
    readonly mint_id: string | null;
    readonly person_id: string | null;
    readonly parent_session_id: string | null;
    readonly root_session_id: string;
    readonly root_caller: string;
    readonly root_kind: string;
    readonly hops: number;
    readonly joined_by: string;
    readonly why: string | null;
    readonly keys: number;
    readonly calls: number;
    readonly calls_by_key: number;
    readonly calls_by_principal: number;
    readonly calls_ambiguous: number;
    readonly denied_calls: number;
    readonly first_call_at: string | null;
    readonly last_call_at: string | null;
    readonly sources: number;
    readonly source_ips: readonly unknown[];
    readonly user_agents: readonly unknown[];
    readonly services: readonly unknown[];
    /** Sessions opened from this one. */
    readonly children: number;
    readonly mfa: boolean | null;
    readonly external_id: string | null;
    readonly session_policy: string | null;
    readonly tags: readonly unknown[] | null;
    readonly issue_source_ip: string | null;
    readonly issue_user_agent: string | null;
    readonly issue_event_ids: readonly unknown[] | null;
    /** How the mint was matched: key, tag, or name and second. */
    readonly mint_match: string | null;
    readonly road: string | null;
  };
  "sessions-outside-the-broker": {
    readonly session_id: string;
    /** The call that issued it, or unknown. */
    readonly made_by: string;
    readonly caller: string;
    readonly role: string | null;
    readonly first_call_at: string | null;
    readonly calls: number;
    /** How we know. */
    readonly why: string;
    /** outside, or no-record where the log holds no issue at all. */
    readonly origin: string;
    readonly way: string;
    readonly caller_kind: string;
    readonly account: string | null;
    readonly issued_at: string | null;
    readonly expires_at: string | null;
    readonly last_call_at: string | null;
    readonly denied_calls: number;
    readonly access_key_id: string | null;
    readonly session_name: string | null;
    readonly root_caller: string;
    readonly root_kind: string;
    readonly hops: number;
    readonly joined_by: string;
    readonly source_ips: readonly unknown[];
  };
  "sessions": {
    readonly session_id: string;
    readonly access_key_id: string | null;
    /** Null where the log holds no issuing record. */
    readonly issued_at: string | null;
    readonly caller: string;
    /** The call that issued it. */
    readonly api: string | null;
    readonly role: string | null;
    readonly session_name: string | null;
    /** Calls proven to be this session's. */
    readonly calls: number;
    readonly denied_calls: number;
    readonly first_call_at: string | null;
    readonly last_call_at: string | null;
    /** Distinct source addresses. */
    readonly sources: number;
    readonly parent_session_id: string | null;
    /** AssumeRole* calls on the way to it. */
    readonly hops: number;
    /** How its caller is known: root, key, principal+creationDate, sharedEventID, sourceIdentity, unresolved or ambiguous. */
    readonly joined_by: string;
    /** Distinct access keys it used. */
    readonly keys: number;
    /** Calls that fit this session and another one as well. */
    readonly calls_ambiguous: number;
    readonly origin: string;
    /** The origin, with known workload issuers among the services. */
    readonly way: string;
    readonly made_by: string;
    readonly caller_kind: string;
    readonly account: string | null;
    readonly expires_at: string | null;
    /** Whose mint it came from, directly or through other sessions. */
    readonly person_id: string | null;
    readonly mint_id: string | null;
    readonly root_caller: string;
    readonly root_kind: string;
    readonly source_identity: string | null;
    readonly why: string | null;
  };
  "trail-coverage": {
    readonly day: string;
    readonly account: string | null;
    readonly regions: number;
    /** Files that hold events of that day. */
    readonly files: number;
    readonly bytes: number;
    /** Distinct events. */
    readonly records: number;
    readonly duplicates: number;
    /** From event to delivery, as the files' names say; the median of the hours' medians. */
    readonly delay_p50_s: number | null;
    /** The worst hour's 95th percentile. */
    readonly delay_p95_s: number | null;
  };
  "trail-problems": {
    readonly file: string;
    /** unreadable, or loaded where only some records were rejected. */
    readonly state: string;
    readonly reason: string | null;
    readonly bytes: number | null;
    readonly records: number | null;
    readonly rejected_records: number | null;
    readonly first_seen_at: string | null;
  };
  "trail-summary": {
    /** Records read in the window, duplicates included. */
    readonly records: number;
    /** Distinct by (event id, account). */
    readonly distinct_events: number;
    /** records - distinct_events. */
    readonly duplicates: number;
    /** Files listed: loaded + unreadable + empty, whatever the window. */
    readonly files: number;
    readonly unreadable_files: number;
    /** Records that could not be read inside files that could. */
    readonly rejected_records: number;
    readonly first_event_at: string | null;
    readonly last_event_at: string | null;
    /** The first 100 of {file, reason, records}. */
    readonly problems: readonly unknown[];
    readonly loaded_files: number;
    readonly empty_files: number;
    /** Accounts with an event in the window. */
    readonly accounts: number;
    readonly regions: number;
    /** Size of the files as delivered. */
    readonly bytes: number;
  };
  "who-assumed-which-role": {
    /** Who made the call, both accounts' copies merged and the caller's side believed. */
    readonly caller: string;
    /** The role aimed at, also of refused calls; null where the log does not say. */
    readonly role: string | null;
    readonly api: string;
    readonly succeeded: number;
    readonly failed: number;
    readonly first_at: string;
    readonly last_at: string;
    readonly caller_kind: string;
    readonly role_account: string | null;
  };
}

export type QuestionName = keyof Rows;

export const questions: { readonly [Name in QuestionName]: Question } = {
  "assumption-flow": {
    "title": "The way in, hop by hop",
    "asks": "From whom to which first role, and from role to role, did sessions go?",
    "power": "see-account",
    "chart": "flow",
    "menu": "panel",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "include_services",
        "type": "boolean",
        "nullable": false,
        "about": "False leaves out what AWS services and known workload issuers did; else all are counted."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": false,
        "about": "Only steps into this role (ARN)."
      },
      {
        "name": "top",
        "type": "bigint",
        "nullable": false,
        "about": "Only the steps taken most, so many."
      }
    ],
    "columns": [
      {
        "name": "hop",
        "type": "bigint",
        "nullable": false,
        "about": "1 is the step from a person or machine to its first role."
      },
      {
        "name": "source",
        "type": "text",
        "nullable": false,
        "about": "The person's id or root caller at hop 1, else the role before."
      },
      {
        "name": "source_kind",
        "type": "text",
        "nullable": false,
        "about": "person, the kind of the root caller, or role."
      },
      {
        "name": "target",
        "type": "text",
        "nullable": true,
        "about": "The role taken on; null where the session has none."
      },
      {
        "name": "way",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "sessions",
        "type": "bigint",
        "nullable": false,
        "about": ""
      }
    ],
    "sql": `with steps as (
  select
    s.hops as hop,
    case
      when s.parent_session_id is not null then coalesce(p.role, p.caller, s.caller)
      else coalesce(s.person_id, s.caller)
    end as source,
    case
      when s.parent_session_id is not null and p.role is not null then 'role'
      when s.parent_session_id is null and s.person_id is not null then 'person'
      else s.caller_kind
    end as source_kind,
    s.role as target,
    s.way,
    count(*) as sessions
  from sessions s
  left join sessions p on p.session_id = s.parent_session_id
  where s.role is not null
    and s.issued_at is not null
    and (cast(:since as timestamp(6)) is null or s.issued_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or s.issued_at < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or s.way <> 'service')
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
    and (cast(:role as varchar) is null or s.role = cast(:role as varchar))
  group by 1, 2, 3, 4, 5
),
ranked as (
  select steps.*, row_number() over (order by sessions desc, hop, source, target, way) as place
  from steps
)
select
  hop,
  source,
  source_kind,
  target,
  way,
  cast(sessions as bigint) as sessions
from ranked
where cast(:top as bigint) is null or place <= cast(:top as bigint)
order by hop, place`
  },
  "assumption-matrix": {
    "title": "Who is behind which role",
    "asks": "Which person or machine, at the root of every chain, took on which roles?",
    "power": "see-account",
    "chart": "matrix",
    "menu": "panel",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "include_services",
        "type": "boolean",
        "nullable": false,
        "about": "False leaves out what AWS services and known workload issuers did; else all are counted."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      },
      {
        "name": "api",
        "type": "text",
        "nullable": false,
        "about": "Only this call."
      },
      {
        "name": "way",
        "type": "text",
        "nullable": false,
        "about": "Only this way in: broker, outside, service, console or no-record."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": false,
        "about": "Only this role (ARN)."
      },
      {
        "name": "top",
        "type": "bigint",
        "nullable": false,
        "about": "Only the pairs seen most, so many."
      }
    ],
    "columns": [
      {
        "name": "who",
        "type": "text",
        "nullable": false,
        "about": "The person's id (p_…) where the broker minted the way in, else the root caller."
      },
      {
        "name": "who_kind",
        "type": "text",
        "nullable": false,
        "about": "person, or the kind of the root caller."
      },
      {
        "name": "way",
        "type": "text",
        "nullable": false,
        "about": "broker, outside, service, console or no-record; refused where nothing succeeded."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "role_account",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "succeeded",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "failed",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "outside",
        "type": "bigint",
        "nullable": false,
        "about": "Those of succeeded that the broker did not open."
      },
      {
        "name": "hops_max",
        "type": "bigint",
        "nullable": true,
        "about": ""
      },
      {
        "name": "first_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      },
      {
        "name": "last_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      }
    ],
    "sql": `-- A call that succeeded is a session, which knows who is behind it; only the few refused ones look for their caller's.
with attempts as (
  select
    coalesce(s.person_id, s.root_caller) as who,
    case when s.person_id is not null then 'person' else s.root_kind end as who_kind,
    s.way,
    s.role,
    case when s.role is not null then s.account end as role_account,
    'ok' as outcome,
    s.issued_at as happened_at,
    s.hops
  from sessions s
  where s.api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
    and (cast(:since as timestamp(6)) is null or s.issued_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or s.issued_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
    and (cast(:api as varchar) is null or s.api = cast(:api as varchar))
    and (cast(:role as varchar) is null or s.role = cast(:role as varchar))
  union all
  select
    coalesce(parent.person_id, parent.root_caller, i.caller),
    case when parent.person_id is not null then 'person' else coalesce(parent.root_kind, i.caller_kind) end,
    case when i.caller_kind = 'service' then 'service' else parent.way end,
    i.role,
    i.role_account,
    i.outcome,
    i.happened_at,
    null
  from issuances i
  left join sessions parent on parent.session_id = i.caller_session_id
  where i.outcome <> 'ok'
    and i.api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
    and (cast(:since as timestamp(6)) is null or i.happened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or i.happened_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or i.role_account = cast(:account as varchar))
    and (cast(:api as varchar) is null or i.api = cast(:api as varchar))
    and (cast(:role as varchar) is null or i.role = cast(:role as varchar))
),
pairs as (
  select
    who,
    who_kind,
    role,
    role_account,
    case when count_if(outcome = 'ok') = 0 then 'refused' else min(case when outcome = 'ok' then way end) end as way,
    count_if(outcome = 'ok') as succeeded,
    count_if(outcome <> 'ok') as failed,
    count_if(outcome = 'ok' and way in ('outside', 'no-record')) as outside,
    max(hops) as hops_max,
    min(happened_at) as first_at,
    max(happened_at) as last_at,
    row_number() over (order by count(*) desc, who, role) as place
  from attempts
  where (coalesce(cast(:include_services as boolean), true) or coalesce(way, '') <> 'service')
    and (cast(:way as varchar) is null or way = cast(:way as varchar))
  group by who, who_kind, role, role_account
)
select
  who,
  who_kind,
  way,
  role,
  role_account,
  cast(succeeded as bigint) as succeeded,
  cast(failed as bigint) as failed,
  cast(outside as bigint) as outside,
  hops_max,
  first_at,
  last_at
from pairs
where cast(:top as bigint) is null or place <= cast(:top as bigint)
order by place`
  },
  "assumption-totals": {
    "title": "Totals of role assumptions",
    "asks": "How many callers took on how many roles, how often, and how many service callers are hidden?",
    "power": "see-account",
    "chart": "figures",
    "menu": "panel",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      }
    ],
    "columns": [
      {
        "name": "callers",
        "type": "bigint",
        "nullable": false,
        "about": "People and machines at the root of every chain, services left out."
      },
      {
        "name": "roles",
        "type": "bigint",
        "nullable": false,
        "about": "Roles they took on."
      },
      {
        "name": "succeeded",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "failed",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "service_callers",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "service_succeeded",
        "type": "bigint",
        "nullable": false,
        "about": ""
      }
    ],
    "sql": `-- A call that succeeded is a session, which knows who is behind it; only the few refused ones look for their caller's.
with attempts as (
  select
    coalesce(s.person_id, s.root_caller) as who,
    s.way = 'service' as service,
    s.role,
    'ok' as outcome
  from sessions s
  where s.api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
    and (cast(:since as timestamp(6)) is null or s.issued_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or s.issued_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
  union all
  select
    coalesce(parent.person_id, parent.root_caller, i.caller),
    coalesce(parent.way = 'service', false) or i.caller_kind = 'service',
    i.role,
    i.outcome
  from issuances i
  left join sessions parent on parent.session_id = i.caller_session_id
  where i.outcome <> 'ok'
    and i.api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
    and (cast(:since as timestamp(6)) is null or i.happened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or i.happened_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or i.role_account = cast(:account as varchar))
)
select
  cast(count(distinct case when not service then who end) as bigint) as callers,
  cast(count(distinct case when not service and outcome = 'ok' then role end) as bigint) as roles,
  cast(count_if(not service and outcome = 'ok') as bigint) as succeeded,
  cast(count_if(not service and outcome <> 'ok') as bigint) as failed,
  cast(count(distinct case when service then who end) as bigint) as service_callers,
  cast(count_if(service and outcome = 'ok') as bigint) as service_succeeded
from attempts`
  },
  "assumptions-over-time": {
    "title": "Assumptions over time",
    "asks": "How many sessions were opened, through the broker or not, and how many refused, day by day?",
    "power": "see-account",
    "chart": "bars",
    "menu": "panel",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "include_services",
        "type": "boolean",
        "nullable": false,
        "about": "False leaves out what AWS services and known workload issuers did; else all are counted."
      },
      {
        "name": "grain",
        "type": "text",
        "nullable": false,
        "about": "hour, else it is a day."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": false,
        "about": "Only this role (ARN)."
      },
      {
        "name": "caller",
        "type": "text",
        "nullable": false,
        "about": "Only this caller."
      }
    ],
    "columns": [
      {
        "name": "at",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the day or hour."
      },
      {
        "name": "broker",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "services",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "outside",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "console",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "no_record",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "denied",
        "type": "bigint",
        "nullable": false,
        "about": ""
      }
    ],
    "sql": `with begun as (
  select
    case when cast(:grain as varchar) = 'hour' then date_trunc('hour', s.opened_at) else date_trunc('day', s.opened_at) end as "at",
    s.way,
    0 as denied
  from sessions s
  where (cast(:since as timestamp(6)) is null or s.opened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or s.opened_at < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or s.way <> 'service')
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
    and (cast(:role as varchar) is null or s.role = cast(:role as varchar))
    and (cast(:caller as varchar) is null or s.caller = cast(:caller as varchar))
),
refused as (
  select
    case when cast(:grain as varchar) = 'hour' then date_trunc('hour', i.happened_at) else date_trunc('day', i.happened_at) end as "at",
    'denied' as way,
    1 as denied
  from issuances i
  where i.outcome <> 'ok'
    and i.api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
    and (cast(:since as timestamp(6)) is null or i.happened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or i.happened_at < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or i.caller_kind <> 'service')
    and (cast(:account as varchar) is null or i.role_account = cast(:account as varchar))
    and (cast(:role as varchar) is null or i.role = cast(:role as varchar))
    and (cast(:caller as varchar) is null or i.caller = cast(:caller as varchar))
)
select
  "at",
  cast(count_if(way = 'broker') as bigint) as broker,
  cast(count_if(way = 'service') as bigint) as services,
  cast(count_if(way = 'outside') as bigint) as outside,
  cast(count_if(way = 'console') as bigint) as console,
  cast(count_if(way = 'no-record') as bigint) as no_record,
  cast(sum(denied) as bigint) as denied
from (select * from begun union all select * from refused) as opened_or_refused
group by "at"
order by "at"`
  },
  "denied-assumptions": {
    "title": "Refused role assumptions",
    "asks": "Who tried to take on which role and was refused, and why?",
    "power": "see-account",
    "chart": "table",
    "menu": "trail",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "include_services",
        "type": "boolean",
        "nullable": false,
        "about": "False leaves out what AWS services and known workload issuers did; else all are counted."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": false,
        "about": "Only this role (ARN)."
      },
      {
        "name": "caller",
        "type": "text",
        "nullable": false,
        "about": "Only this caller."
      },
      {
        "name": "newest",
        "type": "bigint",
        "nullable": false,
        "about": "Only so many, the newest."
      }
    ],
    "columns": [
      {
        "name": "event_id",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "happened_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      },
      {
        "name": "caller",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "role",
        "type": "text",
        "nullable": true,
        "about": "Most refused calls name their role in the error's text only."
      },
      {
        "name": "error_code",
        "type": "text",
        "nullable": false,
        "about": "AccessDenied where it was refused; other codes where the request was wrong."
      },
      {
        "name": "reason",
        "type": "text",
        "nullable": true,
        "about": "What AWS said."
      },
      {
        "name": "caller_kind",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "role_account",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "api",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "outcome",
        "type": "text",
        "nullable": false,
        "about": "denied or failed."
      },
      {
        "name": "reason_class",
        "type": "text",
        "nullable": true,
        "about": "identity-policy, trust-policy, session-policy, boundary, scp, rcp, explicit-deny or other."
      },
      {
        "name": "caller_session_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "source_ip",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "user_agent",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "region",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "who",
        "type": "text",
        "nullable": true,
        "about": "Behind a caller that is a session: the person's id, or the root caller."
      }
    ],
    "sql": `with refused as (
  select
    i.*,
    row_number() over (order by i.happened_at desc, i.issuance_id) as place
  from issuances i
  where i.api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
    and i.outcome <> 'ok'
    and (cast(:since as timestamp(6)) is null or i.happened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or i.happened_at < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or i.caller_kind <> 'service')
    and (cast(:account as varchar) is null or i.role_account = cast(:account as varchar))
    and (cast(:role as varchar) is null or i.role = cast(:role as varchar))
    and (cast(:caller as varchar) is null or i.caller = cast(:caller as varchar))
)
select
  json_extract_scalar(r.event_ids, '$[0]') as event_id,
  r.happened_at,
  r.caller,
  r.role,
  r.error_code,
  r.reason,
  r.caller_kind,
  r.role_account,
  r.api,
  r.outcome,
  r.reason_class,
  r.caller_session_id,
  r.source_ip,
  r.user_agent,
  r.region,
  coalesce(s.person_id, s.root_caller) as who
from refused r
left join sessions s on s.session_id = r.caller_session_id
where cast(:newest as bigint) is null or r.place <= cast(:newest as bigint)
order by r.happened_at desc, event_id`
  },
  "find": {
    "title": "Find",
    "asks": "Which roles, people, callers and sessions are called something like this?",
    "power": "see-account",
    "chart": "table",
    "menu": "panel",
    "params": [
      {
        "name": "text",
        "type": "text",
        "nullable": false,
        "about": "Part of a role's name, a caller or a session name; a session id or an access key."
      }
    ],
    "columns": [
      {
        "name": "kind",
        "type": "text",
        "nullable": false,
        "about": "role, person, caller or session."
      },
      {
        "name": "id",
        "type": "text",
        "nullable": false,
        "about": "ARN, person id, caller or session id."
      },
      {
        "name": "label",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "account",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "last_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "sessions",
        "type": "bigint",
        "nullable": false,
        "about": ""
      }
    ],
    "sql": `with found as (
  select
    'role' as kind,
    role as id,
    regexp_extract(role, '[^/]+$') as label,
    account,
    max(opened_at) as last_at,
    count(*) as sessions
  from sessions
  where role is not null and strpos(lower(role), lower(cast(:text as varchar))) > 0
  group by role, account
  union all
  -- A session name of ours begins with the person's: "mara.oyelaran" for Mara Oyelaran.
  select
    'person',
    person_id,
    person_id,
    cast(null as varchar),
    max(opened_at),
    count(*)
  from sessions
  where person_id is not null
    and strpos(lower(session_name), replace(lower(cast(:text as varchar)), ' ', '.')) > 0
  group by person_id
  union all
  select
    'caller',
    caller,
    caller,
    cast(null as varchar),
    max(opened_at),
    count(*)
  from sessions
  where strpos(lower(caller), lower(cast(:text as varchar))) > 0
  group by caller
  union all
  select
    'session',
    session_id,
    coalesce(session_name, access_key_id, session_id),
    account,
    coalesce(last_call_at, issued_at),
    1
  from sessions
  where session_id = cast(:text as varchar)
    or access_key_id = cast(:text as varchar)
    or strpos(lower(session_name), replace(lower(cast(:text as varchar)), ' ', '.')) > 0
),
ranked as (
  select found.*, row_number() over (partition by kind order by last_at desc, id) as place
  from found
)
select
  kind,
  id,
  label,
  account,
  last_at,
  cast(sessions as bigint) as sessions
from ranked
where place <= 8
order by kind, place`
  },
  "look-first": {
    "title": "Look at these first",
    "asks": "What in the window should somebody look at before anything else?",
    "power": "see-account",
    "chart": "table",
    "menu": "panel",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      }
    ],
    "columns": [
      {
        "name": "kind",
        "type": "text",
        "nullable": false,
        "about": "outside, refused, first-seen, long or never-seen."
      },
      {
        "name": "times",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "who",
        "type": "text",
        "nullable": true,
        "about": "The root caller, or the person's id."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "role_account",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "at",
        "type": "timestamp",
        "nullable": true,
        "about": "When last."
      },
      {
        "name": "session_id",
        "type": "text",
        "nullable": true,
        "about": "One of them, the last."
      },
      {
        "name": "detail",
        "type": "text",
        "nullable": true,
        "about": "Source address, reason or number of hops."
      }
    ],
    "sql": `with span as (
  select coalesce(cast(:until as timestamp(6)), (select max(last_event_at) from covered)) as newest
),
within as (
  select
    s.session_id,
    s.opened_at,
    coalesce(s.person_id, s.root_caller) as who,
    s.root_caller,
    s.role,
    s.account,
    s.way,
    s.issued_at,
    s.expires_at
  from sessions s
  where s.way <> 'service'
    and (cast(:since as timestamp(6)) is null or s.opened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or s.opened_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
),
-- By day first: a count of distinct days, group by group, costs more than all the rest.
outside as (
  select root_caller, role, account, count(*) as times, max(opened_at) as "at"
  from within
  where way = 'outside'
  group by root_caller, role, account, cast(opened_at as date)
),
-- Who took a role in the last two days of the window: of them alone it is asked whether they ever had before.
recent as (
  select
    coalesce(s.person_id, s.root_caller) as who,
    s.role,
    max(s.account) as account,
    count(*) as times,
    min(s.opened_at) as "at",
    max(s.hops) as hops
  from sessions s
  cross join span
  where s.way <> 'service'
    -- Not the roles that the broker takes on by itself, before it mints or revokes.
    and (s.way <> 'broker' or s.person_id is not null)
    and s.role is not null
    and s.opened_at > date_add('hour', -48, span.newest)
    and s.opened_at >= cast(:since as timestamp(6))
    and (cast(:until as timestamp(6)) is null or s.opened_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
  group by coalesce(s.person_id, s.root_caller), s.role
),
known as (
  select distinct r.who, r.role
  from recent r
  join sessions s on s.role = r.role and coalesce(s.person_id, s.root_caller) = r.who
  cross join span
  where s.way <> 'service'
    and (s.opened_at <= date_add('hour', -48, span.newest) or s.opened_at < cast(:since as timestamp(6)))
),
-- Which session stands for a group is looked up below, for the few that are shown.
found as (
  select
    'outside' as kind,
    cast(sum(times) as bigint) as times,
    root_caller as who,
    role,
    account as role_account,
    max("at") as "at",
    cast(null as varchar) as session_id,
    cast(null as varchar) as detail,
    count(*) as days
  from outside
  group by root_caller, role, account
  union all
  select
    'refused',
    count(*),
    i.caller,
    i.role,
    i.role_account,
    max(i.happened_at),
    max_by(i.caller_session_id, i.happened_at),
    max_by(i.reason_class, i.happened_at),
    count(distinct cast(i.happened_at as date))
  from issuances i
  where i.outcome <> 'ok'
    and i.api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
    and i.caller_kind <> 'service'
    and (cast(:since as timestamp(6)) is null or i.happened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or i.happened_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or i.role_account = cast(:account as varchar))
  group by i.caller, i.role, i.role_account
  having count(*) >= 3
  union all
  select
    'first-seen',
    r.times,
    r.who,
    r.role,
    r.account,
    r."at",
    cast(null as varchar),
    cast(r.hops as varchar),
    1
  from recent r
  left join known k on k.who = r.who and k.role = r.role
  where k.who is null
  union all
  select
    'long',
    count(*),
    cast(null as varchar),
    role,
    account,
    max(opened_at),
    max_by(session_id, opened_at),
    cast(max(date_diff('hour', issued_at, expires_at)) as varchar),
    1
  from within
  where expires_at >= date_add('hour', 10, issued_at)
  group by role, account
  union all
  select
    'never-seen',
    count(*),
    cast(null as varchar),
    m.role,
    m.account,
    max(m.issued_at),
    cast(null as varchar),
    max_by(m.mint_id, m.issued_at),
    1
  from mints m
  where m.outcome = 'handed-over'
    and m.session_id is null
    and (cast(:since as timestamp(6)) is null or m.issued_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or m.issued_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or m.account = cast(:account as varchar))
  group by m.role, m.account
),
-- A burst comes before a routine: seven in one day say more than one a week, as jobs and suppliers have. By numbers
-- first, and by names among the few that are then equal.
placed as (
  select
    found.*,
    rank() over (partition by kind order by cast(times as double) / days desc, times desc, "at" desc) as near
  from found
),
ranked as (
  select
    placed.*,
    row_number() over (partition by kind order by near, who, role) as place
  from placed
  where near <= 3
),
shown as (
  select * from ranked where place <= 3
),
standing as (
  select f.kind, f.place, max(b.session_id) as session_id
  from shown f
  join within b
    on b.opened_at = f."at"
    and f.who = case when f.kind = 'outside' then b.root_caller else b.who end
    and coalesce(b.role, '') = coalesce(f.role, '')
    and coalesce(b.account, '') = coalesce(f.role_account, '')
  where f.kind = 'first-seen' or (f.kind = 'outside' and b.way = 'outside')
  group by f.kind, f.place
)
select
  f.kind,
  cast(f.times as bigint) as times,
  f.who,
  f.role,
  f.role_account,
  f."at",
  coalesce(f.session_id, g.session_id) as session_id,
  case when f.kind = 'outside' then json_extract_scalar(s.source_ips, '$[0]') else f.detail end as detail
from shown f
left join standing g on g.kind = f.kind and g.place = f.place
left join sessions s on s.session_id = g.session_id
order by
  case f.kind when 'outside' then 1 when 'refused' then 2 when 'never-seen' then 3 when 'first-seen' then 4 else 5 end,
  f.place`
  },
  "mint-reconciliation": {
    "title": "Mints against the trail",
    "asks": "Which of the broker's mints were seen in the trail, and which never?",
    "power": "see-account",
    "chart": "table",
    "menu": "trail",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      },
      {
        "name": "person",
        "type": "text",
        "nullable": false,
        "about": "Only this person's id (p_…)."
      },
      {
        "name": "state",
        "type": "text",
        "nullable": false,
        "about": "Only seen, never-seen or not-handed-over."
      },
      {
        "name": "newest",
        "type": "bigint",
        "nullable": false,
        "about": "Only so many, the newest."
      }
    ],
    "columns": [
      {
        "name": "mint_id",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "state",
        "type": "text",
        "nullable": false,
        "about": "seen, never-seen, or not-handed-over where nothing left the broker."
      },
      {
        "name": "person_id",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "role",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "road",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "outcome",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "intended_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      },
      {
        "name": "issued_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "expires_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "access_key_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "session_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "match",
        "type": "text",
        "nullable": true,
        "about": "How it was matched: key, tag, or name and second."
      },
      {
        "name": "calls",
        "type": "bigint",
        "nullable": true,
        "about": ""
      },
      {
        "name": "last_call_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "reason",
        "type": "text",
        "nullable": true,
        "about": ""
      }
    ],
    "sql": `with told as (
  select
    m.*,
    s.calls,
    s.last_call_at,
    case
      when m.session_id is not null then 'seen'
      when m.outcome in ('handed-over', 'unknown') then 'never-seen'
      else 'not-handed-over'
    end as state
  from mints m
  left join sessions s on s.session_id = m.session_id
),
chosen as (
  select told.*, row_number() over (order by intended_at desc, mint_id) as place
  from told
  where (cast(:since as timestamp(6)) is null or intended_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or intended_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or account = cast(:account as varchar))
    and (cast(:person as varchar) is null or person_id = cast(:person as varchar))
    and (cast(:state as varchar) is null or state = cast(:state as varchar))
)
select
  mint_id,
  state,
  person_id,
  account,
  role,
  road,
  outcome,
  intended_at,
  issued_at,
  expires_at,
  access_key_id,
  session_id,
  match,
  calls,
  last_call_at,
  reason
from chosen
where cast(:newest as bigint) is null or place <= cast(:newest as bigint)
order by place`
  },
  "overview-days": {
    "title": "Overview day by day",
    "asks": "How did sessions, people, roles, refusals and outsiders go, day by day?",
    "power": "see-account",
    "chart": "bars",
    "menu": "panel",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      }
    ],
    "columns": [
      {
        "name": "at",
        "type": "timestamp",
        "nullable": false,
        "about": "Midnight UTC; days without anything are left out."
      },
      {
        "name": "sessions",
        "type": "bigint",
        "nullable": false,
        "about": "Services left out."
      },
      {
        "name": "people",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "roles",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "denied",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "outside",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "broker",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "services",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "console",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "no_record",
        "type": "bigint",
        "nullable": false,
        "about": ""
      }
    ],
    "sql": `with happened as (
  select
    date_trunc('day', s.opened_at) as "at",
    s.way,
    s.person_id,
    s.role,
    s.issued_at
  from sessions s
  where (cast(:since as timestamp(6)) is null or s.opened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or s.opened_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
  union all
  select date_trunc('day', i.happened_at), 'denied', null, null, null
  from issuances i
  where i.outcome <> 'ok'
    and i.api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
    and i.caller_kind <> 'service'
    and (cast(:since as timestamp(6)) is null or i.happened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or i.happened_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or i.role_account = cast(:account as varchar))
)
select
  "at",
  cast(count_if(way not in ('service', 'denied') and issued_at is not null) as bigint) as sessions,
  cast(count(distinct person_id) as bigint) as people,
  cast(count(distinct case when way not in ('service', 'denied') then role end) as bigint) as roles,
  cast(count_if(way = 'denied') as bigint) as denied,
  cast(count_if(way = 'outside') as bigint) as outside,
  cast(count_if(way = 'broker') as bigint) as broker,
  cast(count_if(way = 'service') as bigint) as services,
  cast(count_if(way = 'console') as bigint) as console,
  cast(count_if(way = 'no-record') as bigint) as no_record
from happened
group by "at"
order by "at"`
  },
  "overview-figures": {
    "title": "Overview in figures",
    "asks": "How many sessions, people, roles, refusals and outsiders does the window hold?",
    "power": "see-account",
    "chart": "figures",
    "menu": "panel",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      }
    ],
    "columns": [
      {
        "name": "sessions",
        "type": "bigint",
        "nullable": false,
        "about": "Issued, services left out."
      },
      {
        "name": "sessions_before",
        "type": "bigint",
        "nullable": true,
        "about": "The same in the window of equal length just before; null where the log does not reach back over nine tenths of it."
      },
      {
        "name": "service_sessions",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "people",
        "type": "bigint",
        "nullable": false,
        "about": "Persons whose mints opened sessions."
      },
      {
        "name": "callers",
        "type": "bigint",
        "nullable": false,
        "about": "Root callers that are no persons of the broker and no services."
      },
      {
        "name": "roles",
        "type": "bigint",
        "nullable": false,
        "about": "Roles taken on."
      },
      {
        "name": "denied",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "denied_last_day",
        "type": "bigint",
        "nullable": false,
        "about": "In the 24 hours before until, or before the newest event."
      },
      {
        "name": "outside",
        "type": "bigint",
        "nullable": false,
        "about": "Sessions the broker never issued; console sessions and services are not among them."
      },
      {
        "name": "outside_keys",
        "type": "bigint",
        "nullable": false,
        "about": "Callers behind them."
      },
      {
        "name": "outside_roles",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "console",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "no_record",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "broker",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "calls",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "live",
        "type": "bigint",
        "nullable": false,
        "about": "Broker sessions not expired at until, or at the newest event."
      },
      {
        "name": "minted",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "minted_never_seen",
        "type": "bigint",
        "nullable": false,
        "about": "Mints handed over that no session in the log matches."
      }
    ],
    "sql": `with span as (
  select
    cast(:since as timestamp(6)) as since,
    cast(:until as timestamp(6)) as until,
    coalesce(cast(:until as timestamp(6)), (select max(last_event_at) from covered)) as newest,
    (select min(first_event_at) from covered) as oldest
),
counted as (
  select
    count_if(way <> 'service' and issued_at is not null) as sessions,
    count_if(way = 'service') as service_sessions,
    count(distinct person_id) as people,
    count(distinct case when person_id is null and way <> 'service' then root_caller end) as callers,
    count(distinct case when way <> 'service' then role end) as roles,
    count_if(way = 'outside') as outside,
    count(distinct case when way = 'outside' then root_caller end) as outside_keys,
    count(distinct case when way = 'outside' then role end) as outside_roles,
    count_if(way = 'console') as console,
    count_if(way = 'no-record') as no_record,
    count_if(way = 'broker') as broker,
    coalesce(sum(calls), 0) as calls
  from sessions
  where (cast(:since as timestamp(6)) is null or opened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or opened_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or account = cast(:account as varchar))
),
earlier as (
  select count_if(way <> 'service' and issued_at is not null) as sessions
  from sessions
  where opened_at < cast(:since as timestamp(6))
    and opened_at >= date_add(
      'second', -date_diff('second', cast(:since as timestamp(6)), cast(:until as timestamp(6))), cast(:since as timestamp(6))
    )
    and (cast(:account as varchar) is null or account = cast(:account as varchar))
),
refused as (
  select
    count(*) as denied,
    count_if(i.happened_at >= date_add('day', -1, span.newest)) as denied_last_day
  from issuances i
  cross join span
  where i.outcome <> 'ok'
    and i.api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
    and i.caller_kind <> 'service'
    and (cast(:since as timestamp(6)) is null or i.happened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or i.happened_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or i.role_account = cast(:account as varchar))
),
minting as (
  select
    count(*) as minted,
    count_if(m.session_id is null) as minted_never_seen
  from mints m
  cross join span
  where m.outcome = 'handed-over'
    and (span.since is null or m.intended_at >= span.since)
    and (span.until is null or m.intended_at < span.until)
    and (cast(:account as varchar) is null or m.account = cast(:account as varchar))
),
living as (
  select count(*) as live
  from sessions s
  cross join span
  where s.origin = 'broker'
    and s.issued_at <= span.newest
    and s.expires_at > span.newest
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
)
select
  cast(counted.sessions as bigint) as sessions,
  case
    when date_diff('second', span.oldest, span.since) * 10 >= date_diff('second', span.since, span.until) * 9
      then cast(earlier.sessions as bigint)
  end as sessions_before,
  cast(counted.service_sessions as bigint) as service_sessions,
  cast(counted.people as bigint) as people,
  cast(counted.callers as bigint) as callers,
  cast(counted.roles as bigint) as roles,
  cast(refused.denied as bigint) as denied,
  cast(refused.denied_last_day as bigint) as denied_last_day,
  cast(counted.outside as bigint) as outside,
  cast(counted.outside_keys as bigint) as outside_keys,
  cast(counted.outside_roles as bigint) as outside_roles,
  cast(counted.console as bigint) as console,
  cast(counted.no_record as bigint) as no_record,
  cast(counted.broker as bigint) as broker,
  cast(counted.calls as bigint) as calls,
  cast(living.live as bigint) as live,
  cast(minting.minted as bigint) as minted,
  cast(minting.minted_never_seen as bigint) as minted_never_seen
from counted
cross join span
cross join earlier
cross join refused
cross join minting
cross join living`
  },
  "refusals-by-role": {
    "title": "Refusals, counted",
    "asks": "Which caller was refused which role, how often, and by which kind of policy?",
    "power": "see-account",
    "chart": "table",
    "menu": "panel",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "include_services",
        "type": "boolean",
        "nullable": false,
        "about": "False leaves out what AWS services and known workload issuers did; else all are counted."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      }
    ],
    "columns": [
      {
        "name": "caller",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "caller_kind",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "role",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "role_account",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "error_code",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "reason_class",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "times",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "first_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      },
      {
        "name": "last_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      }
    ],
    "sql": `select
  caller,
  caller_kind,
  role,
  role_account,
  error_code,
  reason_class,
  cast(count(*) as bigint) as times,
  min(happened_at) as first_at,
  max(happened_at) as last_at
from issuances
where outcome <> 'ok'
  and api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
  and (cast(:since as timestamp(6)) is null or happened_at >= cast(:since as timestamp(6)))
  and (cast(:until as timestamp(6)) is null or happened_at < cast(:until as timestamp(6)))
  and (coalesce(cast(:include_services as boolean), true) or caller_kind <> 'service')
  and (cast(:account as varchar) is null or role_account = cast(:account as varchar))
group by caller, caller_kind, role, role_account, error_code, reason_class
order by count(*) desc, caller, role, error_code, reason_class`
  },
  "role-history": {
    "title": "History of a role",
    "asks": "Who changed this role, its trust or its policies, and when?",
    "power": "see-account",
    "chart": "table",
    "menu": "panel",
    "params": [
      {
        "name": "role",
        "type": "text",
        "nullable": false,
        "about": "The role (ARN)."
      },
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      }
    ],
    "columns": [
      {
        "name": "event_id",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "happened_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      },
      {
        "name": "name",
        "type": "text",
        "nullable": false,
        "about": "The IAM call."
      },
      {
        "name": "caller",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "outcome",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "error_code",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "policy",
        "type": "text",
        "nullable": true,
        "about": "The policy's name or ARN, where the call names one."
      },
      {
        "name": "source_ip",
        "type": "text",
        "nullable": true,
        "about": ""
      }
    ],
    "sql": `select
  event_id,
  happened_at,
  name,
  caller,
  outcome,
  error_code,
  policy,
  source_ip
from edits
where recipient_account = split_part(cast(:role as varchar), ':', 5)
  and role_name = regexp_extract(cast(:role as varchar), '[^/]+$')
  and (cast(:since as timestamp(6)) is null or happened_at >= cast(:since as timestamp(6)))
  and (cast(:until as timestamp(6)) is null or happened_at < cast(:until as timestamp(6)))
order by happened_at desc, event_id`
  },
  "session-calls": {
    "title": "Calls of one session",
    "asks": "What did this session do, call by call, and how do we know the calls are its own?",
    "power": "see-own",
    "chart": "table",
    "menu": "panel",
    "params": [
      {
        "name": "session",
        "type": "text",
        "nullable": false,
        "about": "A session id, or one of its access keys."
      },
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      }
    ],
    "columns": [
      {
        "name": "event_id",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "happened_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      },
      {
        "name": "source",
        "type": "text",
        "nullable": false,
        "about": "The service, as iam.amazonaws.com."
      },
      {
        "name": "name",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "outcome",
        "type": "text",
        "nullable": false,
        "about": "ok, denied or failed."
      },
      {
        "name": "error_code",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "source_ip",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "region",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "joined_by",
        "type": "text",
        "nullable": false,
        "about": "key, principal+creationDate, or ambiguous where another session fits as well."
      },
      {
        "name": "error_message",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "user_agent",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "account",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "access_key_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "invoked_by",
        "type": "text",
        "nullable": true,
        "about": "The service that forwarded the call; null where the session signed it itself."
      },
      {
        "name": "read_only",
        "type": "boolean",
        "nullable": true,
        "about": ""
      },
      {
        "name": "category",
        "type": "text",
        "nullable": true,
        "about": "Management or Data."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": true,
        "about": "The role an AssumeRole* call aimed at."
      },
      {
        "name": "opened_session_id",
        "type": "text",
        "nullable": true,
        "about": "The session it opened."
      },
      {
        "name": "session_id",
        "type": "text",
        "nullable": false,
        "about": ""
      }
    ],
    "sql": `with chosen as (
  select l.*
  from links l
  where l.session_id in (
    select session_id
    from sessions
    where session_id = cast(:session as varchar) or access_key_id = cast(:session as varchar)
    union
    select session_id
    from links
    where access_key_id = cast(:session as varchar) and joined_by <> 'ambiguous'
  )
),
calls as (
  select e.*, l.identity as of_identity, l.joined_by as link, l.only_at, l.session_id
  from events e
  join chosen l on l.access_key_id = e.access_key_id
  where e.day >= (select cast(min(first_call_at) as date) from chosen)
    and e.day <= (select cast(max(last_call_at) as date) from chosen)
  union all
  select e.*, l.identity, l.joined_by, l.only_at, l.session_id
  from events e
  join chosen l
    on l.session_created_at = e.session_created_at
    and l.principal = coalesce(e.principal_id, e.principal_arn)
  where e.access_key_id is null
    and l.access_key_id is null
    and e.day >= (select cast(min(first_call_at) as date) from chosen)
    and e.day <= (select cast(max(last_call_at) as date) from chosen)
),
own as (
  select *
  from calls c
  -- The identity of facts/uses.sql: key and principal alone may be another session's too.
  where c.of_identity = c.caller_kind || '|' || coalesce(c.access_key_id, '') || '|' || coalesce(c.principal_id, '') || '|'
    || coalesce(c.principal_arn, '') || '|' || coalesce(cast(cast(to_unixtime(c.session_created_at) as bigint) as varchar), '')
    || case when c.happened_at < c.session_created_at then '|early' else '' end
    || case
      when c.source = 'sts.amazonaws.com' and c.outcome = 'ok'
        and c.name in (
          'AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'GetSessionToken', 'GetFederationToken', 'AssumeRoot'
        )
        and (c.happened_at = c.session_created_at or (c.session_created_at is null and c.only_at is not null))
        then '|issuing'
      else ''
    end
    || case when c.only_at = c.happened_at then '|' || cast(cast(to_unixtime(c.happened_at) as bigint) as varchar) else '' end
    and (cast(:since as timestamp(6)) is null or c.happened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or c.happened_at < cast(:until as timestamp(6)))
)
select
  o.event_id,
  o.happened_at,
  o.source,
  o.name,
  o.outcome,
  o.error_code,
  o.source_ip,
  o.region,
  case
    when o.link <> 'used' then o.link
    when o.access_key_id is not null then 'key'
    else 'principal+creationDate'
  end as joined_by,
  o.error_message,
  o.user_agent,
  o.recipient_account as account,
  o.access_key_id,
  o.invoked_by,
  o.read_only,
  o.category,
  i.role,
  i.session_id as opened_session_id,
  o.session_id
from own o
left join (
  -- Those of its calls alone: a session opens few others, and the log holds many.
  select issuance_id, role, session_id
  from issuances
  where issuance_id in (select coalesce(shared_event_id, event_id) from own)
) i on i.issuance_id = coalesce(o.shared_event_id, o.event_id)
order by o.happened_at, o.file, o.file_index, o.event_id`
  },
  "session-lineage": {
    "title": "Lineage of a session",
    "asks": "Through which sessions did this one come to be, and how is each step known?",
    "power": "see-own",
    "chart": "lineage",
    "menu": "panel",
    "params": [
      {
        "name": "session",
        "type": "text",
        "nullable": false,
        "about": "A session id."
      }
    ],
    "columns": [
      {
        "name": "step",
        "type": "bigint",
        "nullable": false,
        "about": "1 is the way in; the last is the session itself."
      },
      {
        "name": "session_id",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "access_key_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "caller",
        "type": "text",
        "nullable": false,
        "about": "Who made the call that opened it: for step 1 the person or machine."
      },
      {
        "name": "caller_kind",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "role",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "account",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "session_name",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "made_by",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "origin",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "person_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "mint_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "source_identity",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "issued_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "joined_by",
        "type": "text",
        "nullable": false,
        "about": "How this step's caller is known to be the step before."
      },
      {
        "name": "why",
        "type": "text",
        "nullable": true,
        "about": "Where the link is missing: why."
      },
      {
        "name": "parent_key_id",
        "type": "text",
        "nullable": true,
        "about": "The key that signed the call that opened it."
      },
      {
        "name": "event_id",
        "type": "text",
        "nullable": true,
        "about": "That call's event."
      },
      {
        "name": "calls",
        "type": "bigint",
        "nullable": false,
        "about": ""
      }
    ],
    "sql": `with steps as (
  select stop.session_id, stop.place
  from (select lineage from sessions where session_id = cast(:session as varchar)) as path
  cross join unnest(split(path.lineage, ' ')) with ordinality as stop (session_id, place)
)
select
  cast(stop.place as bigint) as step,
  s.session_id,
  s.access_key_id,
  s.caller,
  s.caller_kind,
  s.role,
  s.account,
  s.session_name,
  s.made_by,
  s.origin,
  s.person_id,
  s.mint_id,
  s.source_identity,
  s.issued_at,
  s.joined_by,
  s.why,
  i.parent_key_id,
  json_extract_scalar(i.event_ids, '$[0]') as event_id,
  s.calls
from steps as stop
join sessions s on s.session_id = stop.session_id
left join (
  -- Those of its steps alone: a lineage has few, and the log holds many.
  select issuance_id, parent_key_id, event_ids
  from issuances
  where session_id in (select session_id from steps)
) i on i.issuance_id = s.issuance_id
order by stop.place`
  },
  "session-lives": {
    "title": "Lives of sessions",
    "asks": "When in their lives did these sessions call, and when were they denied?",
    "power": "see-own",
    "chart": "lives",
    "menu": "panel",
    "params": [
      {
        "name": "sessions",
        "type": "text",
        "nullable": false,
        "about": "Session ids, comma separated, 200 at most."
      }
    ],
    "columns": [
      {
        "name": "session_id",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "starts_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      },
      {
        "name": "ends_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      },
      {
        "name": "ticks",
        "type": "json",
        "nullable": false,
        "about": "[seconds after starts_at, calls, denied] for each of at most 120 stretches of the life."
      }
    ],
    "sql": `with asked as (
  select
    s.session_id,
    s.opened_at as starts_at,
    coalesce(
      case when s.last_call_at > s.expires_at then s.last_call_at else s.expires_at end,
      s.last_call_at,
      s.issued_at
    ) as ends_at
  from sessions s
  where s.session_id in (select id from unnest(split(cast(:sessions as varchar), ',')) as t (id))
),
ways as (
  select l.*, a.starts_at, date_diff('second', a.starts_at, a.ends_at) + 1 as seconds
  from links l
  join asked a on a.session_id = l.session_id
  where l.joined_by <> 'ambiguous'
),
calls as (
  select w.session_id, w.starts_at, w.seconds, e.happened_at, e.outcome
  from events e
  join ways w on w.access_key_id = e.access_key_id
  where (w.session_created_at = e.session_created_at or (w.session_created_at is null and e.session_created_at is null))
    and (w.only_at is null or w.only_at = e.happened_at)
    and w.principal = coalesce(e.principal_id, e.principal_arn)
    and e.day >= (select cast(min(first_call_at) as date) from ways)
    and e.day <= (select cast(max(last_call_at) as date) from ways)
  union all
  select w.session_id, w.starts_at, w.seconds, e.happened_at, e.outcome
  from events e
  join ways w
    on w.session_created_at = e.session_created_at
    and w.principal = coalesce(e.principal_id, e.principal_arn)
  where e.access_key_id is null
    and w.access_key_id is null
    and e.day >= (select cast(min(first_call_at) as date) from ways)
    and e.day <= (select cast(max(last_call_at) as date) from ways)
),
stretches as (
  select
    session_id,
    date_diff('second', starts_at, happened_at) * 120 / seconds as stretch,
    min(date_diff('second', starts_at, happened_at)) as second,
    count(*) as calls,
    count_if(outcome = 'denied') as denied
  from calls
  group by 1, 2
),
drawn as (
  select
    session_id,
    '[' || array_join(array_agg(
      '[' || cast(second as varchar) || ',' || cast(calls as varchar) || ',' || cast(denied as varchar) || ']' order by second
    ), ',') || ']' as ticks
  from stretches
  group by session_id
)
select
  a.session_id,
  a.starts_at,
  a.ends_at,
  coalesce(d.ticks, '[]') as ticks
from asked a
left join drawn d on d.session_id = a.session_id
order by a.starts_at desc, a.session_id`
  },
  "session": {
    "title": "One session",
    "asks": "What is this session, who opened it, and under which terms?",
    "power": "see-own",
    "chart": "lineage",
    "menu": "panel",
    "params": [
      {
        "name": "session",
        "type": "text",
        "nullable": false,
        "about": "A session id, or one of its access keys."
      }
    ],
    "columns": [
      {
        "name": "session_id",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "access_key_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "made_by",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "origin",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "way",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "issuance_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "api",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "issued_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "expires_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "seconds",
        "type": "bigint",
        "nullable": true,
        "about": "The lifetime asked for."
      },
      {
        "name": "caller",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "caller_kind",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "role",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "account",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "session_name",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "principal_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "source_identity",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "mint_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "person_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "parent_session_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "root_session_id",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "root_caller",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "root_kind",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "hops",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "joined_by",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "why",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "keys",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "calls",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "calls_by_key",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "calls_by_principal",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "calls_ambiguous",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "denied_calls",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "first_call_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "last_call_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "sources",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "source_ips",
        "type": "json",
        "nullable": false,
        "about": ""
      },
      {
        "name": "user_agents",
        "type": "json",
        "nullable": false,
        "about": ""
      },
      {
        "name": "services",
        "type": "json",
        "nullable": false,
        "about": ""
      },
      {
        "name": "children",
        "type": "bigint",
        "nullable": false,
        "about": "Sessions opened from this one."
      },
      {
        "name": "mfa",
        "type": "boolean",
        "nullable": true,
        "about": ""
      },
      {
        "name": "external_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "session_policy",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "tags",
        "type": "json",
        "nullable": true,
        "about": ""
      },
      {
        "name": "issue_source_ip",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "issue_user_agent",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "issue_event_ids",
        "type": "json",
        "nullable": true,
        "about": ""
      },
      {
        "name": "mint_match",
        "type": "text",
        "nullable": true,
        "about": "How the mint was matched: key, tag, or name and second."
      },
      {
        "name": "road",
        "type": "text",
        "nullable": true,
        "about": ""
      }
    ],
    "sql": `with asked as (
  select session_id
  from sessions
  where session_id = cast(:session as varchar) or access_key_id = cast(:session as varchar)
  union
  select session_id
  from links
  where access_key_id = cast(:session as varchar) and joined_by <> 'ambiguous'
)
select
  s.session_id,
  s.access_key_id,
  s.made_by,
  s.origin,
  s.way,
  s.issuance_id,
  s.api,
  s.issued_at,
  s.expires_at,
  i.seconds,
  s.caller,
  s.caller_kind,
  s.role,
  s.account,
  s.session_name,
  s.principal_id,
  s.source_identity,
  s.mint_id,
  s.person_id,
  s.parent_session_id,
  s.root_session_id,
  s.root_caller,
  s.root_kind,
  s.hops,
  s.joined_by,
  s.why,
  s.keys,
  s.calls,
  s.calls_by_key,
  s.calls_by_principal,
  s.calls_ambiguous,
  s.denied_calls,
  s.first_call_at,
  s.last_call_at,
  s.sources,
  s.source_ips,
  s.user_agents,
  s.services,
  cast((select count(*) from sessions c where c.parent_session_id = s.session_id) as bigint) as children,
  i.mfa,
  i.external_id,
  i.session_policy,
  i.tags,
  i.source_ip as issue_source_ip,
  i.user_agent as issue_user_agent,
  i.event_ids as issue_event_ids,
  m.match as mint_match,
  m.road
from asked a
join sessions s on s.session_id = a.session_id
left join issuances i on i.issuance_id = s.issuance_id
left join mints m on m.mint_id = s.mint_id
order by s.session_id`
  },
  "sessions-outside-the-broker": {
    "title": "Outside the broker",
    "asks": "Which sessions did the broker never issue, how were they made, and what did they do?",
    "power": "see-account",
    "chart": "lives",
    "menu": "trail",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included: sessions issued, or where no issue is known first used, in it."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "include_services",
        "type": "boolean",
        "nullable": false,
        "about": "False leaves out what AWS services and known workload issuers did; else all are counted."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only sessions of this account."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": false,
        "about": "Only sessions of this role (ARN)."
      },
      {
        "name": "newest",
        "type": "bigint",
        "nullable": false,
        "about": "Only so many, the newest."
      }
    ],
    "columns": [
      {
        "name": "session_id",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "made_by",
        "type": "text",
        "nullable": false,
        "about": "The call that issued it, or unknown."
      },
      {
        "name": "caller",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "role",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "first_call_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "calls",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "why",
        "type": "text",
        "nullable": false,
        "about": "How we know."
      },
      {
        "name": "origin",
        "type": "text",
        "nullable": false,
        "about": "outside, or no-record where the log holds no issue at all."
      },
      {
        "name": "way",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "caller_kind",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "account",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "issued_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "expires_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "last_call_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "denied_calls",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "access_key_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "session_name",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "root_caller",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "root_kind",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "hops",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "joined_by",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "source_ips",
        "type": "json",
        "nullable": false,
        "about": ""
      }
    ],
    "sql": `with chosen as (
  select
    s.session_id,
    s.opened_at,
    row_number() over (order by s.opened_at desc, s.session_id) as place
  from sessions s
  where s.origin in ('outside', 'no-record')
    and (cast(:since as timestamp(6)) is null or s.opened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or s.opened_at < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or s.way <> 'service')
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
    and (cast(:role as varchar) is null or s.role = cast(:role as varchar))
)
select
  s.session_id,
  s.made_by,
  s.caller,
  s.role,
  s.first_call_at,
  s.calls,
  case
    when s.origin = 'no-record' then 'Used, and the log holds no call that issued it.'
    when s.parent_session_id is not null then 'Opened from a session that the broker did not issue.'
    when s.caller_kind = 'iam-user' then 'An IAM user called ' || s.made_by || ' with a key of its own.'
    when s.caller_kind = 'root' then 'The root user called ' || s.made_by || '.'
    when s.caller_kind = 'saml' then 'A SAML provider signed it in.'
    when s.caller_kind = 'web-identity' then 'An OIDC provider that is not the broker signed it in.'
    when s.caller_kind = 'account' then 'Another account called ' || s.made_by || '.'
    else s.made_by || ' was called by a session that is not in the log.'
  end as why,
  s.origin,
  s.way,
  s.caller_kind,
  s.account,
  s.issued_at,
  s.expires_at,
  s.last_call_at,
  s.denied_calls,
  s.access_key_id,
  s.session_name,
  s.root_caller,
  s.root_kind,
  s.hops,
  s.joined_by,
  s.source_ips
from chosen c
-- By its time, too: the table lies in that order, and the rest of it is not looked at.
join sessions s on s.session_id = c.session_id and s.opened_at = c.opened_at
where cast(:newest as bigint) is null or c.place <= cast(:newest as bigint)
order by c.place`
  },
  "sessions": {
    "title": "Sessions",
    "asks": "Which sessions were issued or used, by whom, through what, and what did they do?",
    "power": "see-own",
    "chart": "lives",
    "menu": "trail",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included: sessions issued, or where no issue is known first used, in it."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "include_services",
        "type": "boolean",
        "nullable": false,
        "about": "False leaves out what AWS services and known workload issuers did; else all are counted."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only sessions of this account."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": false,
        "about": "Only this role (ARN)."
      },
      {
        "name": "caller",
        "type": "text",
        "nullable": false,
        "about": "Only this caller."
      },
      {
        "name": "person",
        "type": "text",
        "nullable": false,
        "about": "Only this person's id (p_…), sessions chained from theirs included."
      },
      {
        "name": "who",
        "type": "text",
        "nullable": false,
        "about": "Only of this one at the root of the chain: a person's id (p_…) or a root caller."
      },
      {
        "name": "origin",
        "type": "text",
        "nullable": false,
        "about": "Only this origin: broker, outside, service, console or no-record."
      },
      {
        "name": "live_at",
        "type": "timestamp",
        "nullable": false,
        "about": "Only sessions issued and not expired at this time."
      },
      {
        "name": "newest",
        "type": "bigint",
        "nullable": false,
        "about": "Only so many, the newest."
      }
    ],
    "columns": [
      {
        "name": "session_id",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "access_key_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "issued_at",
        "type": "timestamp",
        "nullable": true,
        "about": "Null where the log holds no issuing record."
      },
      {
        "name": "caller",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "api",
        "type": "text",
        "nullable": true,
        "about": "The call that issued it."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "session_name",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "calls",
        "type": "bigint",
        "nullable": false,
        "about": "Calls proven to be this session's."
      },
      {
        "name": "denied_calls",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "first_call_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "last_call_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "sources",
        "type": "bigint",
        "nullable": false,
        "about": "Distinct source addresses."
      },
      {
        "name": "parent_session_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "hops",
        "type": "bigint",
        "nullable": false,
        "about": "AssumeRole* calls on the way to it."
      },
      {
        "name": "joined_by",
        "type": "text",
        "nullable": false,
        "about": "How its caller is known: root, key, principal+creationDate, sharedEventID, sourceIdentity, unresolved or ambiguous."
      },
      {
        "name": "keys",
        "type": "bigint",
        "nullable": false,
        "about": "Distinct access keys it used."
      },
      {
        "name": "calls_ambiguous",
        "type": "bigint",
        "nullable": false,
        "about": "Calls that fit this session and another one as well."
      },
      {
        "name": "origin",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "way",
        "type": "text",
        "nullable": false,
        "about": "The origin, with known workload issuers among the services."
      },
      {
        "name": "made_by",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "caller_kind",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "account",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "expires_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "person_id",
        "type": "text",
        "nullable": true,
        "about": "Whose mint it came from, directly or through other sessions."
      },
      {
        "name": "mint_id",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "root_caller",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "root_kind",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "source_identity",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "why",
        "type": "text",
        "nullable": true,
        "about": ""
      }
    ],
    "sql": `with chosen as (
  select
    s.session_id,
    s.opened_at,
    row_number() over (order by s.opened_at desc, s.session_id) as place
  from sessions s
  where (cast(:since as timestamp(6)) is null or s.opened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or s.opened_at < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or s.way <> 'service')
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
    and (cast(:role as varchar) is null or s.role = cast(:role as varchar))
    and (cast(:caller as varchar) is null or s.caller = cast(:caller as varchar))
    and (cast(:person as varchar) is null or s.person_id = cast(:person as varchar))
    and (cast(:who as varchar) is null or coalesce(s.person_id, s.root_caller) = cast(:who as varchar))
    and (cast(:origin as varchar) is null or s.origin = cast(:origin as varchar))
    and (
      cast(:live_at as timestamp(6)) is null
      or (s.issued_at <= cast(:live_at as timestamp(6)) and s.expires_at > cast(:live_at as timestamp(6)))
    )
)
select
  s.session_id,
  s.access_key_id,
  s.issued_at,
  s.caller,
  s.api,
  s.role,
  s.session_name,
  s.calls,
  s.denied_calls,
  s.first_call_at,
  s.last_call_at,
  s.sources,
  s.parent_session_id,
  s.hops,
  s.joined_by,
  s.keys,
  s.calls_ambiguous,
  s.origin,
  s.way,
  s.made_by,
  s.caller_kind,
  s.account,
  s.expires_at,
  s.person_id,
  s.mint_id,
  s.root_caller,
  s.root_kind,
  s.source_identity,
  s.why
from chosen c
-- By its time, too: the table lies in that order, and the rest of it is not looked at.
join sessions s on s.session_id = c.session_id and s.opened_at = c.opened_at
where cast(:newest as bigint) is null or c.place <= cast(:newest as bigint)
order by c.place`
  },
  "trail-coverage": {
    "title": "Coverage of the trail",
    "asks": "Which accounts delivered how much on which days, and how late?",
    "power": "see-account",
    "chart": "calendar",
    "menu": "panel",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      }
    ],
    "columns": [
      {
        "name": "day",
        "type": "date",
        "nullable": false,
        "about": ""
      },
      {
        "name": "account",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "regions",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "files",
        "type": "bigint",
        "nullable": false,
        "about": "Files that hold events of that day."
      },
      {
        "name": "bytes",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "records",
        "type": "bigint",
        "nullable": false,
        "about": "Distinct events."
      },
      {
        "name": "duplicates",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "delay_p50_s",
        "type": "double",
        "nullable": true,
        "about": "From event to delivery, as the files' names say; the median of the hours' medians."
      },
      {
        "name": "delay_p95_s",
        "type": "double",
        "nullable": true,
        "about": "The worst hour's 95th percentile."
      }
    ],
    "sql": `select
  cast(hour as date) as day,
  account,
  cast(count(distinct region) as bigint) as regions,
  cast(sum(files) as bigint) as files,
  cast(sum(bytes) as bigint) as bytes,
  cast(sum(records) as bigint) as records,
  cast(sum(duplicates) as bigint) as duplicates,
  approx_percentile(delay_p50_s, 0.5) as delay_p50_s,
  max(delay_p95_s) as delay_p95_s
from coverage
where (cast(:since as timestamp(6)) is null or hour >= date_trunc('hour', cast(:since as timestamp(6))))
  and (cast(:until as timestamp(6)) is null or hour < cast(:until as timestamp(6)))
  and (cast(:account as varchar) is null or account = cast(:account as varchar))
group by cast(hour as date), account
order by day, account`
  },
  "trail-problems": {
    "title": "Files with problems",
    "asks": "Which files or records could not be read, and why?",
    "power": "see-account",
    "chart": "table",
    "menu": "panel",
    "params": [],
    "columns": [
      {
        "name": "file",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "state",
        "type": "text",
        "nullable": false,
        "about": "unreadable, or loaded where only some records were rejected."
      },
      {
        "name": "reason",
        "type": "text",
        "nullable": true,
        "about": ""
      },
      {
        "name": "bytes",
        "type": "bigint",
        "nullable": true,
        "about": ""
      },
      {
        "name": "records",
        "type": "bigint",
        "nullable": true,
        "about": ""
      },
      {
        "name": "rejected_records",
        "type": "bigint",
        "nullable": true,
        "about": ""
      },
      {
        "name": "first_seen_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      }
    ],
    "sql": `select
  file,
  state,
  reason,
  bytes,
  records,
  rejected_records,
  first_seen_at
from files
where state = 'unreadable' or rejected_records > 0
order by first_seen_at desc, file`
  },
  "trail-summary": {
    "title": "Trail summary",
    "asks": "What was read, what was counted twice, and what could not be read?",
    "power": "see-account",
    "chart": "figures",
    "menu": "trail",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      }
    ],
    "columns": [
      {
        "name": "records",
        "type": "bigint",
        "nullable": false,
        "about": "Records read in the window, duplicates included."
      },
      {
        "name": "distinct_events",
        "type": "bigint",
        "nullable": false,
        "about": "Distinct by (event id, account)."
      },
      {
        "name": "duplicates",
        "type": "bigint",
        "nullable": false,
        "about": "records - distinct_events."
      },
      {
        "name": "files",
        "type": "bigint",
        "nullable": false,
        "about": "Files listed: loaded + unreadable + empty, whatever the window."
      },
      {
        "name": "unreadable_files",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "rejected_records",
        "type": "bigint",
        "nullable": false,
        "about": "Records that could not be read inside files that could."
      },
      {
        "name": "first_event_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "last_event_at",
        "type": "timestamp",
        "nullable": true,
        "about": ""
      },
      {
        "name": "problems",
        "type": "json",
        "nullable": false,
        "about": "The first 100 of {file, reason, records}."
      },
      {
        "name": "loaded_files",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "empty_files",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "accounts",
        "type": "bigint",
        "nullable": false,
        "about": "Accounts with an event in the window."
      },
      {
        "name": "regions",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "bytes",
        "type": "bigint",
        "nullable": false,
        "about": "Size of the files as delivered."
      }
    ],
    "sql": `with listed as (
  select
    count(*) as files,
    count_if(state = 'loaded') as loaded_files,
    count_if(state = 'unreadable') as unreadable_files,
    count_if(state = 'empty') as empty_files,
    coalesce(sum(rejected_records), 0) as rejected_records,
    coalesce(sum(bytes), 0) as bytes
  from files
),
spanned as (
  select
    coalesce(sum(records), 0) as distinct_events,
    coalesce(sum(duplicates), 0) as duplicates,
    min(first_event_at) as first_event_at,
    max(last_event_at) as last_event_at,
    count(distinct account) as accounts,
    count(distinct region) as regions
  from coverage
  where (cast(:since as timestamp(6)) is null or hour >= date_trunc('hour', cast(:since as timestamp(6))))
    and (cast(:until as timestamp(6)) is null or hour < cast(:until as timestamp(6)))
),
faults as (
  select
    file,
    reason,
    case when state = 'loaded' then rejected_records else records end as records,
    row_number() over (order by file) as place
  from files
  where state = 'unreadable' or rejected_records > 0
)
select
  cast(spanned.distinct_events + spanned.duplicates as bigint) as records,
  cast(spanned.distinct_events as bigint) as distinct_events,
  cast(spanned.duplicates as bigint) as duplicates,
  cast(listed.files as bigint) as files,
  cast(listed.unreadable_files as bigint) as unreadable_files,
  cast(listed.rejected_records as bigint) as rejected_records,
  spanned.first_event_at,
  spanned.last_event_at,
  (
    -- JSON text by hand: a cast to json makes a string of a text in Trino, and parses it in DuckDB.
    select '[' || coalesce(array_join(array_agg(
      '{"file":' || '"' || regexp_replace(replace(replace(file, '\\', '\\\\'), '"', '\\"'), '[\\x00-\\x1f]', '?') || '"'
      || ',"reason":' || coalesce('"' || regexp_replace(replace(replace(reason, '\\', '\\\\'), '"', '\\"'), '[\\x00-\\x1f]', '?') || '"', 'null')
      || ',"records":' || coalesce(cast(records as varchar), 'null') || '}' order by place), ','), '') || ']'
    from faults
    where place <= 100
  ) as problems,
  cast(listed.loaded_files as bigint) as loaded_files,
  cast(listed.empty_files as bigint) as empty_files,
  cast(spanned.accounts as bigint) as accounts,
  cast(spanned.regions as bigint) as regions,
  cast(listed.bytes as bigint) as bytes
from listed
cross join spanned`
  },
  "who-assumed-which-role": {
    "title": "Who assumed which role",
    "asks": "Which people, roles and machines took on which roles, how often, and when last?",
    "power": "see-account",
    "chart": "matrix",
    "menu": "trail",
    "params": [
      {
        "name": "since",
        "type": "timestamp",
        "nullable": false,
        "about": "Start of the window, included."
      },
      {
        "name": "until",
        "type": "timestamp",
        "nullable": false,
        "about": "End of the window, excluded."
      },
      {
        "name": "include_services",
        "type": "boolean",
        "nullable": false,
        "about": "False leaves out what AWS services and known workload issuers did; else all are counted."
      },
      {
        "name": "account",
        "type": "text",
        "nullable": false,
        "about": "Only roles of this account."
      },
      {
        "name": "api",
        "type": "text",
        "nullable": false,
        "about": "Only this call: AssumeRole, AssumeRoleWithSAML or AssumeRoleWithWebIdentity."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": false,
        "about": "Only this role (ARN)."
      },
      {
        "name": "top",
        "type": "bigint",
        "nullable": false,
        "about": "Only the rows seen most, so many."
      }
    ],
    "columns": [
      {
        "name": "caller",
        "type": "text",
        "nullable": false,
        "about": "Who made the call, both accounts' copies merged and the caller's side believed."
      },
      {
        "name": "role",
        "type": "text",
        "nullable": true,
        "about": "The role aimed at, also of refused calls; null where the log does not say."
      },
      {
        "name": "api",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "succeeded",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "failed",
        "type": "bigint",
        "nullable": false,
        "about": ""
      },
      {
        "name": "first_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      },
      {
        "name": "last_at",
        "type": "timestamp",
        "nullable": false,
        "about": ""
      },
      {
        "name": "caller_kind",
        "type": "text",
        "nullable": false,
        "about": ""
      },
      {
        "name": "role_account",
        "type": "text",
        "nullable": true,
        "about": ""
      }
    ],
    "sql": `with counted as (
  select
    caller,
    role,
    api,
    cast(count_if(outcome = 'ok') as bigint) as succeeded,
    cast(count_if(outcome <> 'ok') as bigint) as failed,
    min(happened_at) as first_at,
    max(happened_at) as last_at,
    caller_kind,
    role_account,
    row_number() over (order by count(*) desc, caller, role, api, caller_kind, role_account) as place
  from issuances
  where api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
    and (cast(:since as timestamp(6)) is null or happened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or happened_at < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or caller_kind <> 'service')
    and (cast(:account as varchar) is null or role_account = cast(:account as varchar))
    and (cast(:api as varchar) is null or api = cast(:api as varchar))
    and (cast(:role as varchar) is null or role = cast(:role as varchar))
  group by caller, caller_kind, role, role_account, api
)
select
  caller,
  role,
  api,
  succeeded,
  failed,
  first_at,
  last_at,
  caller_kind,
  role_account
from counted
where cast(:top as bigint) is null or place <= cast(:top as bigint)
order by place`
  },
};

export const isQuestion = (name: string): name is QuestionName => Object.hasOwn(questions, name);
