-- What each identity did on each day: small enough to make sessions of again and again. `identity` says who called so
-- exactly that all its calls belong to the same session, or to none (facts: joining rules).
-- `issued_keys` are the keys of issuances; `day_events` the events of the days to read again.
with told as (
  select
    e.day,
    e.caller,
    e.caller_kind,
    e.caller_account,
    e.access_key_id,
    e.principal_id,
    e.principal_arn,
    e.session_created_at,
    coalesce(e.happened_at < e.session_created_at, false) as is_early,
    -- A call that issues a session in the very second of its own may be that session's issuing call: kept apart.
    coalesce(
      e.source = 'sts.amazonaws.com' and e.outcome = 'ok'
      and e.name in (
        'AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'GetSessionToken', 'GetFederationToken', 'AssumeRoot'
      )
      and (e.happened_at = e.session_created_at or k.access_key_id is not null),
      false
    ) as is_issuing,
    -- Without a creationDate only the second tells whether the key was issued yet.
    case when k.access_key_id is not null then e.happened_at end as only_at,
    e.issuer_arn,
    e.source_identity,
    e.recipient_account,
    e.source_ip,
    e.user_agent,
    e.source,
    e.happened_at,
    e.outcome,
    e.invoked_by,
    e.from_console
  from day_events e
  left join issued_keys k on k.access_key_id = case when e.session_created_at is null then e.access_key_id end
  where e.access_key_id is not null
    or e.session_created_at is not null
    or e.caller_kind in ('role-session', 'federated-user')
),
grouped as (
  select
    day,
    caller_kind,
    access_key_id,
    principal_id,
    principal_arn,
    session_created_at,
    is_early,
    is_issuing,
    only_at,
    max(caller) as caller,
    max(caller_account) as caller_account,
    max(issuer_arn) as issuer_arn,
    max(source_identity) as source_identity,
    max(recipient_account) as recipient_account,
    min(happened_at) as first_call_at,
    max(happened_at) as last_call_at,
    count(*) as calls,
    cast(count_if(outcome = 'denied') as bigint) as denied_calls,
    cast(count_if(invoked_by is not null) as bigint) as forwarded_calls,
    cast(count_if(from_console) as bigint) as console_calls,
    -- Cheaper than arrays of all values made distinct.
    array_sort(map_keys(histogram(source_ip))) as source_ips,
    array_sort(map_keys(histogram(user_agent))) as user_agents,
    array_sort(map_keys(histogram(source))) as services
  from told
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9
)
select
  day,
  caller_kind || '|' || coalesce(access_key_id, '') || '|' || coalesce(principal_id, '') || '|'
    || coalesce(principal_arn, '') || '|' || coalesce(cast(cast(to_unixtime(session_created_at) as bigint) as varchar), '')
    -- A call before the session began is not its own.
    || case when is_early then '|early' else '' end
    || case when is_issuing then '|issuing' else '' end
    || coalesce('|' || cast(cast(to_unixtime(only_at) as bigint) as varchar), '') as identity,
  caller,
  caller_kind,
  caller_account,
  access_key_id,
  principal_id,
  principal_arn,
  session_created_at,
  is_early,
  only_at,
  is_issuing,
  issuer_arn,
  source_identity,
  recipient_account,
  first_call_at,
  last_call_at,
  calls,
  denied_calls,
  forwarded_calls,
  console_calls,
  source_ips,
  user_agents,
  services
from grouped
