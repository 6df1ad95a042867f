-- What each identity did on each day: small enough to make sessions of again and again. `identity` says who called so
-- exactly that all its calls belong to the same session, or to none (facts: joining rules).
-- `issued_keys` are the keys of issuances; `day_events` the events of the days to read again.
with told as (
  select
    day,
    caller,
    caller_kind,
    caller_account,
    access_key_id,
    principal_id,
    principal_arn,
    session_created_at,
    coalesce(happened_at < session_created_at, false) as is_early,
    -- A call that issues a session in the very second of its own may be that session's issuing call: kept apart.
    coalesce(
      source = 'sts.amazonaws.com' and outcome = 'ok'
      and name in (
        'AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'GetSessionToken', 'GetFederationToken', 'AssumeRoot'
      )
      and (
        happened_at = session_created_at
        or (session_created_at is null and access_key_id in (select access_key_id from issued_keys))
      ),
      false
    ) as is_issuing,
    -- Without a creationDate only the second tells whether the key was issued yet.
    case
      when session_created_at is null and access_key_id in (select access_key_id from issued_keys) then happened_at
    end as only_at,
    issuer_arn,
    source_identity,
    recipient_account,
    source_ip,
    user_agent,
    source,
    happened_at,
    outcome,
    invoked_by,
    from_console
  from day_events
  where access_key_id is not null
    or session_created_at is not null
    or caller_kind in ('role-session', 'federated-user')
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
    source_ip,
    user_agent,
    source,
    max(caller) as caller,
    max(caller_account) as caller_account,
    max(issuer_arn) as issuer_arn,
    max(source_identity) as source_identity,
    max(recipient_account) as recipient_account,
    min(happened_at) as first_call_at,
    max(happened_at) as last_call_at,
    count(*) as calls,
    count_if(outcome = 'denied') as denied_calls,
    count_if(invoked_by is not null) as forwarded_calls,
    count_if(from_console) as console_calls
  from told
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
),
named as (
  select
    grouped.*,
    caller_kind || '|' || coalesce(access_key_id, '') || '|' || coalesce(principal_id, '') || '|'
      || coalesce(principal_arn, '') || '|' || coalesce(cast(cast(to_unixtime(session_created_at) as bigint) as varchar), '')
      -- A call before the session began is not its own.
      || case when is_early then '|early' else '' end
      || case when is_issuing then '|issuing' else '' end
      || coalesce('|' || cast(cast(to_unixtime(only_at) as bigint) as varchar), '') as identity
  from grouped
)
select
  day,
  identity,
  max(caller) as caller,
  max(caller_kind) as caller_kind,
  max(caller_account) as caller_account,
  max(access_key_id) as access_key_id,
  max(principal_id) as principal_id,
  max(principal_arn) as principal_arn,
  max(session_created_at) as session_created_at,
  max(case when is_early then 1 else 0 end) = 1 as is_early,
  max(only_at) as only_at,
  max(case when is_issuing then 1 else 0 end) = 1 as is_issuing,
  max(issuer_arn) as issuer_arn,
  max(source_identity) as source_identity,
  max(recipient_account) as recipient_account,
  min(first_call_at) as first_call_at,
  max(last_call_at) as last_call_at,
  cast(sum(calls) as bigint) as calls,
  cast(sum(denied_calls) as bigint) as denied_calls,
  cast(sum(forwarded_calls) as bigint) as forwarded_calls,
  cast(sum(console_calls) as bigint) as console_calls,
  array_sort(array_distinct(array_agg(source_ip) filter (where source_ip is not null))) as source_ips,
  array_sort(array_distinct(array_agg(user_agent) filter (where user_agent is not null))) as user_agents,
  array_sort(array_distinct(array_agg(source) filter (where source is not null))) as services
from named
group by day, identity
