-- title:    Refusals, counted
-- asks:     Which caller was refused which role, how often, and by which kind of policy?
-- power:    see-account
-- chart:    table
-- menu:     panel
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    include_services boolean  False leaves out what AWS services and known workload issuers did; else all are counted.
-- param:    account text  Only roles of this account.
-- column:   caller text
-- column:   caller_kind text
-- column:   role text?
-- column:   role_account text?
-- column:   error_code text
-- column:   reason_class text?
-- column:   times bigint
-- column:   first_at timestamp
-- column:   last_at timestamp

select
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
order by count(*) desc, caller, role, error_code, reason_class
