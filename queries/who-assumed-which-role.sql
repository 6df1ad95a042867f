-- title:    Who assumed which role
-- asks:     Which people, roles and machines took on which roles, how often, and when last?
-- power:    see-account
-- chart:    matrix
-- menu:     trail
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    include_services boolean  False leaves out what AWS services and known workload issuers did; else all are counted.
-- param:    account text  Only roles of this account.
-- param:    api text  Only this call: AssumeRole, AssumeRoleWithSAML or AssumeRoleWithWebIdentity.
-- param:    role text  Only this role (ARN).
-- param:    top bigint  Only the rows seen most, so many.
-- column:   caller text  Who made the call, both accounts' copies merged and the caller's side believed.
-- column:   role text?  The role aimed at, also of refused calls; null where the log does not say.
-- column:   api text
-- column:   succeeded bigint
-- column:   failed bigint
-- column:   first_at timestamp
-- column:   last_at timestamp
-- column:   caller_kind text
-- column:   role_account text?

with counted as (
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
order by place
