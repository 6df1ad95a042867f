-- Sessions before their lineage is followed: one row for each that was issued, and for each used without an issuing
-- record, with what `uses` tells of its calls.
-- A key that was issued to another session (masked, recycled) is no key of a session without an issuing record.
with told as (
  select
    l.session_id,
    l.joined_by,
    o.access_key_id as issued_key_id,
    case when l.joined_by = 'used' and i.access_key_id is not null then null else u.access_key_id end as own_key_id,
    case when l.joined_by = 'used' and i.access_key_id is not null then 1 else 0 end as is_key_anothers,
    u.*
  from touched_links l
  join uses u on u.identity = l.identity
  left join touched_openings o on o.session_id = l.session_id
  left join issued_keys i on i.access_key_id = u.access_key_id
),
-- What each identity's day adds to its session.
linked as (
  select
    session_id,
    case when joined_by = 'used' then 1 else 0 end as is_unissued,
    case when joined_by = 'key' or (joined_by = 'used' and own_key_id is not null) then calls else 0 end as calls_by_key,
    case
      when joined_by = 'principal+creationDate' or (joined_by = 'used' and own_key_id is null) then calls
      else 0
    end as calls_by_principal,
    case when joined_by = 'ambiguous' then calls else 0 end as calls_ambiguous,
    case when joined_by <> 'ambiguous' then denied_calls else 0 end as denied_calls,
    case when joined_by <> 'ambiguous' then forwarded_calls else 0 end as forwarded_calls,
    console_calls,
    calls as all_calls,
    case when joined_by <> 'ambiguous' then first_call_at end as first_call_at,
    case when joined_by <> 'ambiguous' then last_call_at end as last_call_at,
    case when joined_by <> 'ambiguous' and own_key_id = issued_key_id then 1 else 0 end as issued_key,
    is_key_anothers,
    case when joined_by <> 'ambiguous' then own_key_id end as own_key_id,
    caller,
    caller_kind,
    caller_account,
    recipient_account,
    principal_id,
    principal_arn,
    session_created_at,
    issuer_arn,
    source_identity,
    case when joined_by <> 'ambiguous' then source_ips end as source_ips,
    case when joined_by <> 'ambiguous' then user_agents end as user_agents,
    case when joined_by <> 'ambiguous' then services end as services
  from told
),
several as (
  select session_id from linked group by session_id having count(*) > 1
),
-- Most sessions are one identity's one day: only the others' are summed up.
used as (
  select
    l.session_id,
    l.is_unissued = 1 as is_unissued,
    l.calls_by_key,
    l.calls_by_principal,
    l.calls_ambiguous,
    l.denied_calls,
    l.forwarded_calls,
    l.console_calls,
    l.all_calls,
    l.first_call_at,
    l.last_call_at,
    case when l.own_key_id is null then 0 else 1 end as keys,
    l.issued_key,
    l.is_key_anothers = 1 as is_key_anothers,
    l.own_key_id as first_key_id,
    l.caller,
    l.caller_kind,
    l.caller_account,
    l.recipient_account,
    l.principal_id,
    l.principal_arn,
    l.session_created_at,
    l.issuer_arn,
    l.source_identity,
    l.source_ips,
    l.user_agents,
    l.services
  from linked l
  left join several s on s.session_id = l.session_id
  where s.session_id is null
  union all
  select
    l.session_id,
    max(l.is_unissued) = 1,
    -- Sums of bigints are wider in DuckDB, and slow to read.
    cast(sum(l.calls_by_key) as bigint),
    cast(sum(l.calls_by_principal) as bigint),
    cast(sum(l.calls_ambiguous) as bigint),
    cast(sum(l.denied_calls) as bigint),
    cast(sum(l.forwarded_calls) as bigint),
    cast(sum(l.console_calls) as bigint),
    cast(sum(l.all_calls) as bigint),
    min(l.first_call_at),
    max(l.last_call_at),
    count(distinct l.own_key_id),
    max(l.issued_key),
    max(l.is_key_anothers) = 1,
    min(l.own_key_id),
    min(l.caller),
    min(l.caller_kind),
    min(l.caller_account),
    min(l.recipient_account),
    min(l.principal_id),
    min(l.principal_arn),
    min(l.session_created_at),
    min(l.issuer_arn),
    min(l.source_identity),
    array_sort(array_distinct(flatten(array_agg(l.source_ips) filter (where l.source_ips is not null)))),
    array_sort(array_distinct(flatten(array_agg(l.user_agents) filter (where l.user_agents is not null)))),
    array_sort(array_distinct(flatten(array_agg(l.services) filter (where l.services is not null))))
  from linked l
  join several s on s.session_id = l.session_id
  group by l.session_id
),
logins as (
  select distinct caller_principal_id, happened_at from records where api = 'ConsoleLogin' and caller_principal_id is not null
)
select
  o.session_id,
  o.api as made_by,
  o.issuance_id,
  o.access_key_id,
  coalesce(u.keys, 0) + case when o.access_key_id is not null and coalesce(u.issued_key, 0) = 0 then 1 else 0 end as keys,
  o.happened_at as issued_at,
  o.expires_at,
  o.caller,
  o.caller_kind,
  c.caller_session_id as parent_session_id,
  case
    when c.joined_by in ('unresolved', 'ambiguous') and o.source_identity is not null then 'sourceIdentity'
    else c.joined_by
  end as joined_by,
  case c.joined_by
    when 'unresolved' then case
      when o.caller_kind = 'account' then 'Only the role''s account recorded the call, and names neither key nor creationDate of its caller.'
      else 'The call that opened it carries neither a key nor a creationDate to know its caller''s session by.'
    end
    when 'ambiguous' then 'Several sessions fit the caller of the call that opened it equally well.'
  end as why,
  o.role,
  coalesce(o.role_account, o.caller_account) as account,
  o.session_name,
  coalesce(o.principal_id, u.principal_id) as principal_id,
  coalesce(o.source_identity, u.source_identity) as source_identity,
  m.mint_id,
  m.person_id,
  m.road,
  coalesce(u.calls_by_key, 0) + coalesce(u.calls_by_principal, 0) as calls,
  coalesce(u.calls_by_key, 0) as calls_by_key,
  coalesce(u.calls_by_principal, 0) as calls_by_principal,
  coalesce(u.calls_ambiguous, 0) as calls_ambiguous,
  coalesce(u.denied_calls, 0) as denied_calls,
  u.first_call_at,
  u.last_call_at,
  u.source_ips,
  u.user_agents,
  u.services,
  o.api,
  -- AssumeRole* makes a hop; so does a caller that is a role session and not in the log.
  case when o.api like 'AssumeRole%' then 1 else 0 end
    + case
      when c.caller_session_id is null and c.joined_by in ('unresolved', 'ambiguous') and o.caller_kind <> 'federated-user' then 1
      else 0
    end as own_hops
from touched_openings o
join callers c on c.issuance_id = o.issuance_id
left join used u on u.session_id = o.session_id
left join (
  select x.issuance_id, x.mint_id, y.person_id, y.road
  from matches x
  join minted y on y.mint_id = x.mint_id
) m on m.issuance_id = o.issuance_id
where o.outcome = 'ok'
union all
select
  u.session_id,
  case
    when l.happened_at is not null or u.console_calls > 0 then 'console'
    -- A service's own role, or a service that forwards a caller's request under a session of that moment.
    when u.issuer_arn like '%:role/aws-service-role/%' or u.forwarded_calls = u.all_calls then 'service'
    else 'unknown'
  end as made_by,
  null as issuance_id,
  u.first_key_id as access_key_id,
  u.keys,
  null as issued_at,
  null as expires_at,
  u.caller,
  u.caller_kind,
  null as parent_session_id,
  case
    when u.caller_kind in ('iam-user', 'root') then 'root'
    when u.source_identity is not null then 'sourceIdentity'
    else 'unresolved'
  end as joined_by,
  case
    when l.happened_at is not null then 'A console login of its user at the very second it was made.'
    when u.console_calls > 0 then 'Its calls say that the console signed them; the login is not in the log.'
    when u.issuer_arn like '%:role/aws-service-role/%' then 'A role that only AWS services take on.'
    when u.forwarded_calls = u.all_calls then 'Every call was forwarded by an AWS service on the caller''s behalf.'
    when u.keys = 0 and u.is_key_anothers then 'The log holds no call that issued it; the key of its calls was issued to another session.'
    else 'The log holds no call that issued it.'
  end as why,
  case when u.caller_kind = 'role-session' and u.caller like 'arn:%' then u.caller end as role,
  coalesce(
    case when u.caller_kind = 'role-session' and u.caller like 'arn:%' then nullif(split_part(u.caller, ':', 5), '') end,
    u.caller_account,
    u.recipient_account
  ) as account,
  case when u.caller_kind = 'role-session' then coalesce(
    regexp_extract(u.principal_id, ':(.+)$', 1), regexp_extract(u.principal_arn, ':assumed-role/[^/]+/(.+)$', 1)
  ) end as session_name,
  u.principal_id,
  u.source_identity,
  null as mint_id,
  null as person_id,
  null as road,
  -- Calls that its keys signed; those without a key, of the same principal and creationDate, are counted beside them.
  case when u.keys > 0 then u.calls_by_key else u.calls_by_principal end as calls,
  u.calls_by_key,
  u.calls_by_principal,
  u.calls_ambiguous,
  u.denied_calls,
  u.first_call_at,
  u.last_call_at,
  u.source_ips,
  u.user_agents,
  u.services,
  null as api,
  case when u.caller_kind = 'role-session' then 1 else 0 end as own_hops
from used u
left join logins l on l.caller_principal_id = u.principal_id and l.happened_at = u.session_created_at
where u.is_unissued
