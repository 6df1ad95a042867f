-- title:    Outside the broker
-- asks:     Which sessions did the broker never issue, how were they made, and what did they do?
-- power:    see-account
-- chart:    lives
-- menu:     trail
-- param:    since timestamp  Start of the window, included: sessions issued, or where no issue is known first used, in it.
-- param:    until timestamp  End of the window, excluded.
-- param:    include_services boolean  False leaves out what AWS services and known workload issuers did; else all are counted.
-- param:    account text  Only sessions of this account.
-- param:    newest bigint  Only so many, the newest.
-- column:   session_id text
-- column:   made_by text  The call that issued it, or unknown.
-- column:   caller text
-- column:   role text?
-- column:   first_call_at timestamp?
-- column:   calls bigint
-- column:   why text  How we know.
-- column:   origin text  outside, or no-record where the log holds no issue at all.
-- column:   way text
-- column:   caller_kind text
-- column:   account text?
-- column:   issued_at timestamp?
-- column:   expires_at timestamp?
-- column:   last_call_at timestamp?
-- column:   denied_calls bigint
-- column:   access_key_id text?
-- column:   session_name text?
-- column:   root_caller text
-- column:   root_kind text
-- column:   hops bigint
-- column:   joined_by text
-- column:   source_ips json

with chosen as (
  select
    s.*,
    row_number() over (order by coalesce(s.issued_at, s.first_call_at) desc, s.session_id) as place
  from sessions s
  where s.origin in ('outside', 'no-record')
    and (cast(:since as timestamp(6)) is null or coalesce(s.issued_at, s.first_call_at) >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or coalesce(s.issued_at, s.first_call_at) < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or s.way <> 'service')
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
)
select
  session_id,
  made_by,
  caller,
  role,
  first_call_at,
  calls,
  case
    when origin = 'no-record' then 'Used, and the log holds no call that issued it.'
    when parent_session_id is not null then 'Opened from a session that the broker did not issue.'
    when caller_kind = 'iam-user' then 'An IAM user called ' || made_by || ' with a key of its own.'
    when caller_kind = 'root' then 'The root user called ' || made_by || '.'
    when caller_kind = 'saml' then 'A SAML provider signed it in.'
    when caller_kind = 'web-identity' then 'An OIDC provider that is not the broker signed it in.'
    when caller_kind = 'account' then 'Another account called ' || made_by || '.'
    else made_by || ' was called by a session that is not in the log.'
  end as why,
  origin,
  way,
  caller_kind,
  account,
  issued_at,
  expires_at,
  last_call_at,
  denied_calls,
  access_key_id,
  session_name,
  root_caller,
  root_kind,
  hops,
  joined_by,
  source_ips
from chosen
where cast(:newest as bigint) is null or place <= cast(:newest as bigint)
order by place
