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

with span as (
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
  f.place
