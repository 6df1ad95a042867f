-- title:    Calls of one session
-- asks:     What did this session do, call by call, and how do we know the calls are its own?
-- power:    see-own
-- chart:    table
-- menu:     panel
-- param:    session text  A session id, or one of its access keys.
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- column:   event_id text
-- column:   happened_at timestamp
-- column:   source text  The service, as iam.amazonaws.com.
-- column:   name text
-- column:   outcome text  ok, denied or failed.
-- column:   error_code text?
-- column:   source_ip text?
-- column:   region text?
-- column:   joined_by text  key, principal+creationDate, or ambiguous where another session fits as well.
-- column:   error_message text?
-- column:   user_agent text?
-- column:   account text?
-- column:   access_key_id text?
-- column:   invoked_by text?  The service that forwarded the call; null where the session signed it itself.
-- column:   read_only boolean?
-- column:   category text?  Management or Data.
-- column:   role text?  The role an AssumeRole* call aimed at.
-- column:   opened_session_id text?  The session it opened.
-- column:   session_id text

with chosen as (
  select l.*
  from links l
  where l.session_id in (
    select session_id
    from sessions
    where session_id = cast(:session as varchar) or access_key_id = cast(:session as varchar)
    union
    select session_id
    from links
    where access_key_id = cast(:session as varchar) and joined_by <> 'ambiguous'
  )
),
calls as (
  select e.*, l.identity as of_identity, l.joined_by as link, l.only_at, l.session_id
  from events e
  join chosen l on l.access_key_id = e.access_key_id
  where e.day >= (select cast(min(first_call_at) as date) from chosen)
    and e.day <= (select cast(max(last_call_at) as date) from chosen)
  union all
  select e.*, l.identity, l.joined_by, l.only_at, l.session_id
  from events e
  join chosen l
    on l.session_created_at = e.session_created_at
    and l.principal = coalesce(e.principal_id, e.principal_arn)
  where e.access_key_id is null
    and l.access_key_id is null
    and e.day >= (select cast(min(first_call_at) as date) from chosen)
    and e.day <= (select cast(max(last_call_at) as date) from chosen)
),
own as (
  select *
  from calls c
  -- The identity of facts/uses.sql: key and principal alone may be another session's too.
  where c.of_identity = c.caller_kind || '|' || coalesce(c.access_key_id, '') || '|' || coalesce(c.principal_id, '') || '|'
    || coalesce(c.principal_arn, '') || '|' || coalesce(cast(cast(to_unixtime(c.session_created_at) as bigint) as varchar), '')
    || case when c.happened_at < c.session_created_at then '|early' else '' end
    || case
      when c.source = 'sts.amazonaws.com' and c.outcome = 'ok'
        and c.name in (
          'AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'GetSessionToken', 'GetFederationToken', 'AssumeRoot'
        )
        and (c.happened_at = c.session_created_at or (c.session_created_at is null and c.only_at is not null))
        then '|issuing'
      else ''
    end
    || case when c.only_at = c.happened_at then '|' || cast(cast(to_unixtime(c.happened_at) as bigint) as varchar) else '' end
    and (cast(:since as timestamp(6)) is null or c.happened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or c.happened_at < cast(:until as timestamp(6)))
)
select
  o.event_id,
  o.happened_at,
  o.source,
  o.name,
  o.outcome,
  o.error_code,
  o.source_ip,
  o.region,
  case
    when o.link <> 'used' then o.link
    when o.access_key_id is not null then 'key'
    else 'principal+creationDate'
  end as joined_by,
  o.error_message,
  o.user_agent,
  o.recipient_account as account,
  o.access_key_id,
  o.invoked_by,
  o.read_only,
  o.category,
  i.role,
  i.session_id as opened_session_id,
  o.session_id
from own o
left join (
  -- Those of its calls alone: a session opens few others, and the log holds many.
  select issuance_id, role, session_id
  from issuances
  where issuance_id in (select coalesce(shared_event_id, event_id) from own)
) i on i.issuance_id = coalesce(o.shared_event_id, o.event_id)
order by o.happened_at, o.file, o.file_index, o.event_id
