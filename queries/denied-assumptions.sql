-- title:    Refused role assumptions
-- asks:     Who tried to take on which role and was refused, and why?
-- power:    see-account
-- chart:    table
-- menu:     trail
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    include_services boolean  False leaves out what AWS services and known workload issuers did; else all are counted.
-- param:    account text  Only roles of this account.
-- param:    role text  Only this role (ARN).
-- param:    caller text  Only this caller.
-- param:    newest bigint  Only so many, the newest.
-- column:   event_id text
-- column:   happened_at timestamp
-- column:   caller text
-- column:   role text?  Most refused calls name their role in the error's text only.
-- column:   error_code text  AccessDenied where it was refused; other codes where the request was wrong.
-- column:   reason text?  What AWS said.
-- column:   caller_kind text
-- column:   role_account text?
-- column:   api text
-- column:   outcome text  denied or failed.
-- column:   reason_class text?  identity-policy, trust-policy, session-policy, boundary, scp, rcp, explicit-deny or other.
-- column:   caller_session_id text?
-- column:   source_ip text?
-- column:   user_agent text?
-- column:   region text?
-- column:   who text?  Behind a caller that is a session: the person's id, or the root caller.

with refused as (
  select
    i.*,
    row_number() over (order by i.happened_at desc, i.issuance_id) as place
  from issuances i
  where i.api in ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
    and i.outcome <> 'ok'
    and (cast(:since as timestamp(6)) is null or i.happened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or i.happened_at < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or i.caller_kind <> 'service')
    and (cast(:account as varchar) is null or i.role_account = cast(:account as varchar))
    and (cast(:role as varchar) is null or i.role = cast(:role as varchar))
    and (cast(:caller as varchar) is null or i.caller = cast(:caller as varchar))
)
select
  json_extract_scalar(r.event_ids, '$[0]') as event_id,
  r.happened_at,
  r.caller,
  r.role,
  r.error_code,
  r.reason,
  r.caller_kind,
  r.role_account,
  r.api,
  r.outcome,
  r.reason_class,
  r.caller_session_id,
  r.source_ip,
  r.user_agent,
  r.region,
  coalesce(s.person_id, s.root_caller) as who
from refused r
left join sessions s on s.session_id = r.caller_session_id
where cast(:newest as bigint) is null or r.place <= cast(:newest as bigint)
order by r.happened_at desc, event_id
