-- title:    Overview in figures
-- asks:     How many sessions, people, roles, refusals and outsiders does the window hold?
-- power:    see-account
-- chart:    figures
-- menu:     panel
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    account text  Only roles of this account.
-- column:   sessions bigint  Issued, services left out.
-- column:   sessions_before bigint?  The same in the window of equal length just before; null where the log does not reach back over nine tenths of it.
-- column:   service_sessions bigint
-- column:   people bigint  Persons whose mints opened sessions.
-- column:   callers bigint  Root callers that are no persons of the broker and no services.
-- column:   roles bigint  Roles taken on.
-- column:   denied bigint
-- column:   denied_last_day bigint  In the 24 hours before until, or before the newest event.
-- column:   outside bigint  Sessions the broker never issued; console sessions and services are not among them.
-- column:   outside_keys bigint  Callers behind them.
-- column:   outside_roles bigint
-- column:   console bigint
-- column:   no_record bigint
-- column:   broker bigint
-- column:   calls bigint
-- column:   live bigint  Broker sessions not expired at until, or at the newest event.
-- column:   minted bigint
-- column:   minted_never_seen bigint  Mints handed over that no session in the log matches.

with span as (
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
cross join living
