-- title:    Overview day by day
-- asks:     How did sessions, people, roles, refusals and outsiders go, day by day?
-- power:    see-account
-- chart:    bars
-- menu:     panel
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    account text  Only roles of this account.
-- column:   at timestamp  Midnight UTC; days without anything are left out.
-- column:   sessions bigint  Services left out.
-- column:   people bigint
-- column:   roles bigint
-- column:   denied bigint
-- column:   outside bigint
-- column:   broker bigint
-- column:   services bigint
-- column:   console bigint
-- column:   no_record bigint

with happened as (
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
order by "at"
