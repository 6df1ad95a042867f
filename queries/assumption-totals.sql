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

with attempts as (
  select
    coalesce(own.person_id, parent.person_id, own.root_caller, parent.root_caller, i.caller) as who,
    coalesce(coalesce(own.way, parent.way) = 'service', false) or i.caller_kind = 'service' as service,
    i.role,
    i.outcome
  from issuances i
  left join sessions own on own.issuance_id = i.issuance_id
  left join sessions parent on parent.session_id = i.caller_session_id
  where i.api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
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
