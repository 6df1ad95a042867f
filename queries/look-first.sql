-- title:    Look at these first
-- asks:     What in the window should somebody look at before anything else?
-- power:    see-account
-- chart:    table
-- menu:     panel
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    account text  Only roles of this account.
-- column:   kind text  outside, refused, first-seen, long or never-seen.
-- column:   times bigint
-- column:   who text?  The root caller, or the person's id.
-- column:   role text?
-- column:   role_account text?
-- column:   at timestamp?  When last.
-- column:   session_id text?  One of them, the last.
-- column:   detail text?  Source address, reason or number of hops.

with begun as (
  select s.*, coalesce(s.issued_at, s.first_call_at) as opened_at, coalesce(s.person_id, s.root_caller) as who
  from sessions s
  where s.way <> 'service'
    and (cast(:until as timestamp(6)) is null or coalesce(s.issued_at, s.first_call_at) < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
),
within as (
  select * from begun where cast(:since as timestamp(6)) is null or opened_at >= cast(:since as timestamp(6))
),
found as (
  select
    'outside' as kind,
    count(*) as times,
    root_caller as who,
    role,
    account as role_account,
    max(opened_at) as "at",
    max_by(session_id, opened_at) as session_id,
    json_extract_scalar(max_by(source_ips, opened_at), '$[0]') as detail,
    count(distinct cast(opened_at as date)) as days
  from within
  where way = 'outside'
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
    count(*),
    who,
    role,
    account,
    min(opened_at),
    min_by(session_id, opened_at),
    cast(max(hops) as varchar),
    1
  from begun
  where role is not null
  group by who, role, account
  having min(opened_at) >= cast(:since as timestamp(6))
    and date_diff('hour', min(opened_at), coalesce(cast(:until as timestamp(6)), (select max(last_event_at) from coverage))) < 48
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
  where date_diff('hour', issued_at, expires_at) >= 10
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
-- A burst comes before a routine: seven in one day say more than one a week, as jobs and suppliers have.
ranked as (
  select
    found.*,
    row_number() over (partition by kind order by cast(times as double) / days desc, times desc, "at" desc, who, role) as place
  from found
)
select
  kind,
  cast(times as bigint) as times,
  who,
  role,
  role_account,
  "at",
  session_id,
  detail
from ranked
where place <= 3
order by
  case kind when 'outside' then 1 when 'refused' then 2 when 'never-seen' then 3 when 'first-seen' then 4 else 5 end,
  place
