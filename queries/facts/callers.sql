-- Whose session made each call that issued or refused a session: the identity of that call, looked up in `links`.
with calling as (
  select
    o.*,
    o.caller_kind || '|' || coalesce(o.parent_key_id, '') || '|' || coalesce(o.caller_principal_id, '') || '|'
      || coalesce(o.caller_principal_arn, '') || '|'
      || coalesce(cast(cast(to_unixtime(o.caller_created_at) as bigint) as varchar), '')
      || case when o.happened_at < o.caller_created_at then '|early' else '' end
      || case
        when o.outcome = 'ok'
          and (
            o.happened_at = o.caller_created_at
            or (o.caller_created_at is null and k.access_key_id is not null)
          )
          then '|issuing'
        else ''
      end
      || case
        when o.caller_created_at is null and k.access_key_id is not null
          then '|' || cast(cast(to_unixtime(o.happened_at) as bigint) as varchar)
        else ''
      end as identity
  from touched_openings o
  left join issued_keys k on k.access_key_id = o.parent_key_id
),
found as (
  select
    identity,
    count(*) as sessions,
    max(session_id) as session_id,
    max(joined_by) as joined_by
  from links
  group by identity
)
select
  c.issuance_id,
  case when f.joined_by <> 'ambiguous' then f.session_id end as caller_session_id,
  case
    when f.joined_by = 'ambiguous' then 'ambiguous'
    when f.session_id is null and c.caller_kind not in ('role-session', 'federated-user')
      -- The other account's copy names a role session by AROA…:name, and neither key nor creationDate.
      and not (c.caller_kind = 'account' and coalesce(c.caller_principal_id, '') like '%:%') then 'root'
    when f.session_id is null then 'unresolved'
    when not c.is_key_callers and c.access_key_id is not null then 'sharedEventID'
    when f.joined_by <> 'used' then f.joined_by
    when c.parent_key_id is not null then 'key'
    else 'principal+creationDate'
  end as joined_by
from calling c
left join found f on f.identity = c.identity
