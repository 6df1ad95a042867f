-- title:    Totals of role assumptions
-- asks:     How many callers took on how many roles, how often, and how many service callers are hidden?
-- power:    see-account
-- chart:    figures
-- menu:     panel
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    account text  Only roles of this account.
-- column:   callers bigint  People and machines at the root of every chain, services left out.
-- column:   roles bigint  Roles they took on.
-- column:   succeeded bigint
-- column:   failed bigint
-- column:   service_callers bigint
-- column:   service_succeeded bigint

-- A call that succeeded is a session, which knows who is behind it; only the few refused ones look for their caller's.
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
from attempts
