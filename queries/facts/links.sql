-- Which session each identity's calls belong to (facts: joining rules, in this order): the key when exactly one
-- issuance of it fits; else principal and creationDate when exactly one fits; several that fit are ambiguous, a row
-- each, and nothing is chosen. Whoever used temporary credentials that nothing issued is a session by that use.
with identities as (
  select
    identity,
    max(caller_kind) as caller_kind,
    max(access_key_id) as access_key_id,
    max(principal_id) as principal_id,
    max(principal_arn) as principal_arn,
    max(session_created_at) as session_created_at,
    max(case when is_early then 1 else 0 end) = 1 as is_early,
    max(only_at) as only_at,
    max(case when is_issuing then 1 else 0 end) = 1 as is_issuing,
    min(first_call_at) as first_call_at,
    max(last_call_at) as last_call_at
  from component_uses
  group by identity
),
issued as (
  select * from component_openings where outcome = 'ok'
),
by_key as (
  select u.identity, i.issuance_id, i.session_id
  from identities u
  join issued i on i.access_key_id = u.access_key_id and i.happened_at = u.session_created_at
  where i.session_kind = u.caller_kind
    and not u.is_early
    and not (
      u.is_issuing
      and coalesce(i.parent_key_id, '') = coalesce(u.access_key_id, '')
      and coalesce(i.caller_principal_id, '') = coalesce(u.principal_id, '')
    )
    and (
      (i.principal_id is null and i.session_arn is null)
      or coalesce(i.principal_id = u.principal_id, false)
      or coalesce(i.session_arn = u.principal_arn, false)
    )
  union all
  select u.identity, i.issuance_id, i.session_id
  from identities u
  join issued i on i.access_key_id = u.access_key_id
  where u.session_created_at is null
    and u.only_at >= i.happened_at
    and i.session_kind = u.caller_kind
    and not (
      u.is_issuing
      and coalesce(i.parent_key_id, '') = coalesce(u.access_key_id, '')
      and coalesce(i.caller_principal_id, '') = coalesce(u.principal_id, '')
    )
    and (
      (i.principal_id is null and i.session_arn is null)
      or coalesce(i.principal_id = u.principal_id, false)
      or coalesce(i.session_arn = u.principal_arn, false)
    )
),
by_principal as (
  select u.identity, i.issuance_id, i.session_id
  from identities u
  join issued i on i.principal_id = u.principal_id and i.happened_at = u.session_created_at
  where i.session_kind = u.caller_kind
    and not u.is_early
    and not (
      u.is_issuing
      and coalesce(i.parent_key_id, '') = coalesce(u.access_key_id, '')
      and coalesce(i.caller_principal_id, '') = coalesce(u.principal_id, '')
    )
  union
  select u.identity, i.issuance_id, i.session_id
  from identities u
  join issued i on i.likely_arn = u.principal_arn and i.happened_at = u.session_created_at
  where i.session_kind = u.caller_kind
    and not u.is_early
    and not (
      u.is_issuing
      and coalesce(i.parent_key_id, '') = coalesce(u.access_key_id, '')
      and coalesce(i.caller_principal_id, '') = coalesce(u.principal_id, '')
    )
),
fits as (
  select 'key' as joined_by, by_key.* from by_key
  union all
  select 'principal+creationDate', by_principal.* from by_principal
),
-- Counted by group: a window would sort all of them.
decided as (
  select
    identity,
    count_if(joined_by = 'key') as keys,
    count_if(joined_by <> 'key') as principals
  from fits
  group by identity
),
joined as (
  select
    f.identity,
    f.session_id,
    case when case when f.joined_by = 'key' then d.keys else d.principals end = 1 then f.joined_by else 'ambiguous' end as joined_by
  from fits f
  join decided d on d.identity = f.identity
  where (d.keys = 1 and f.joined_by = 'key')
    or (d.keys <> 1 and d.principals > 0 and f.joined_by <> 'key')
    or (d.keys > 1 and d.principals = 0 and f.joined_by = 'key')
),
unissued as (
  select
    u.*,
    coalesce(u.principal_id, u.principal_arn) as principal
  from identities u
  left join decided d on d.identity = u.identity
  where d.identity is null
    and (
      (u.caller_kind in ('role-session', 'federated-user') and (u.access_key_id is not null or u.session_created_at is not null))
      -- A long-term key (AKIA) with a creationDate is a call that a service forwarded: no session of its own.
      or u.access_key_id like 'ASIA%'
      or (u.session_created_at is not null and coalesce(u.access_key_id, '') not like 'AKIA%')
    )
    -- Before its own issue: that session's for certain not.
    and not (u.is_early and u.access_key_id in (select access_key_id from issued_keys))
),
taken as (
  select distinct principal_id, happened_at from issued where principal_id is not null
),
digested as (
  select
    u.identity,
    substr(to_hex(sha256(to_utf8(
      coalesce(u.principal, '') || chr(10) || coalesce(date_format(u.session_created_at, '%Y-%m-%dT%H:%i:%sZ'), '')
      || case
        when u.principal is not null and u.session_created_at is not null and t.happened_at is null then ''
        else chr(10) || coalesce(u.access_key_id, '') || chr(10) || 'unissued'
      end
    ))), 1, 30) as digest
  from unissued u
  left join taken t on t.principal_id = u.principal and t.happened_at = u.session_created_at
),
settled as (
  select identity, session_id, joined_by
  from joined
  union all
  select identity, 's_' || lower(substr(to_base32(from_hex(digest)), 1, 20)), 'used'
  from digested
)
select
  s.identity,
  s.session_id,
  s.joined_by,
  u.access_key_id,
  coalesce(u.principal_id, u.principal_arn) as principal,
  u.session_created_at,
  u.only_at,
  u.first_call_at,
  u.last_call_at
from settled s
join identities u on u.identity = s.identity
