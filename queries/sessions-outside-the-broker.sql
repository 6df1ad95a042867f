-- title:    Outside the broker
-- asks:     Which sessions did the broker never issue, how were they made, and what did they do?
-- power:    see-account
-- chart:    lives
-- menu:     trail
-- param:    since timestamp  Start of the window, included: sessions issued, or where no issue is known first used, in it.
-- param:    until timestamp  End of the window, excluded.
-- param:    include_services boolean  False leaves out what AWS services and known workload issuers did; else all are counted.
-- param:    account text  Only sessions of this account.
-- param:    role text  Only sessions of this role (ARN).
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
    s.session_id,
    s.opened_at,
    row_number() over (order by s.opened_at desc, s.session_id) as place
  from sessions s
  where s.origin in ('outside', 'no-record')
    and (cast(:since as timestamp(6)) is null or s.opened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or s.opened_at < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or s.way <> 'service')
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
    and (cast(:role as varchar) is null or s.role = cast(:role as varchar))
)
select
  s.session_id,
  s.made_by,
  s.caller,
  s.role,
  s.first_call_at,
  s.calls,
  case
    when s.origin = 'no-record' then 'Used, and the log holds no call that issued it.'
    when s.parent_session_id is not null then 'Opened from a session that the broker did not issue.'
    when s.caller_kind = 'iam-user' then 'An IAM user called ' || s.made_by || ' with a key of its own.'
    when s.caller_kind = 'root' then 'The root user called ' || s.made_by || '.'
    when s.caller_kind = 'saml' then 'A SAML provider signed it in.'
    when s.caller_kind = 'web-identity' then 'An OIDC provider that is not the broker signed it in.'
    when s.caller_kind = 'account' then 'Another account called ' || s.made_by || '.'
    else s.made_by || ' was called by a session that is not in the log.'
  end as why,
  s.origin,
  s.way,
  s.caller_kind,
  s.account,
  s.issued_at,
  s.expires_at,
  s.last_call_at,
  s.denied_calls,
  s.access_key_id,
  s.session_name,
  s.root_caller,
  s.root_kind,
  s.hops,
  s.joined_by,
  s.source_ips
from chosen c
-- By its time, too: the table lies in that order, and the rest of it is not looked at.
join sessions s on s.session_id = c.session_id and s.opened_at = c.opened_at
where cast(:newest as bigint) is null or c.place <= cast(:newest as bigint)
order by c.place
