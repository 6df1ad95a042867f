-- title:    Assumptions over time
-- asks:     How many sessions were opened, through the broker or not, and how many refused, day by day?
-- power:    see-account
-- chart:    bars
-- menu:     panel
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    include_services boolean  False leaves out what AWS services and known workload issuers did; else all are counted.
-- param:    grain text  hour, else it is a day.
-- param:    account text  Only roles of this account.
-- param:    role text  Only this role (ARN).
-- param:    caller text  Only this caller.
-- column:   at timestamp  Start of the day or hour.
-- column:   broker bigint
-- column:   services bigint
-- column:   outside bigint
-- column:   console bigint
-- column:   no_record bigint
-- column:   denied bigint

with begun as (
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
order by "at"
