-- title:    Who is behind which role
-- asks:     Which person or machine, at the root of every chain, took on which roles?
-- power:    see-account
-- chart:    matrix
-- menu:     panel
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    include_services boolean  False leaves out what AWS services and known workload issuers did; else all are counted.
-- param:    account text  Only roles of this account.
-- param:    api text  Only this call.
-- param:    way text  Only this way in: broker, outside, service, console or no-record.
-- param:    role text  Only this role (ARN).
-- param:    top bigint  Only the pairs seen most, so many.
-- column:   who text  The person's id (p_…) where the broker minted the way in, else the root caller.
-- column:   who_kind text  person, or the kind of the root caller.
-- column:   way text  broker, outside, service, console or no-record; refused where nothing succeeded.
-- column:   role text?
-- column:   role_account text?
-- column:   succeeded bigint
-- column:   failed bigint
-- column:   outside bigint  Those of succeeded that the broker did not open.
-- column:   hops_max bigint?
-- column:   first_at timestamp
-- column:   last_at timestamp

-- A call that succeeded is a session, which knows who is behind it; only the few refused ones look for their caller's.
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
order by place
