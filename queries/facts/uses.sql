-- What each identity did on each day: small enough to make sessions of again and again. `identity` says who called so
-- exactly that all its calls belong to the same session, or to none (facts: joining rules).
-- `issued_keys` are the keys of `issuances`; `day_events` the events of the days to read again.
with called as (
  select
    e.*,
    e.caller_kind || '|' || coalesce(e.access_key_id, '') || '|' || coalesce(e.principal_id, '') || '|'
      || coalesce(e.principal_arn, '') || '|' || coalesce(cast(cast(to_unixtime(e.session_created_at) as bigint) as varchar), '')
      -- A call before the session began is not its own.
      || case when e.happened_at < e.session_created_at then '|early' else '' end
      -- A call that issues a session under the caller's own key or second is not that session's.
      || case
        when e.source = 'sts.amazonaws.com' and e.outcome = 'ok'
          and (
            e.happened_at = e.session_created_at
            or json_extract_scalar(e.response, '$.credentials.accessKeyId') = e.access_key_id
          )
          then '|' || coalesce(e.shared_event_id, e.event_id)
        else ''
      end
      -- Without a creationDate only the second tells whether the key was issued yet.
      || case
        when e.session_created_at is null and k.access_key_id is not null
          then '|' || cast(cast(to_unixtime(e.happened_at) as bigint) as varchar)
        else ''
      end as identity,
    case when e.session_created_at is null and k.access_key_id is not null then e.happened_at end as only_at,
    case
      when e.source = 'sts.amazonaws.com' and e.outcome = 'ok'
        and (
          e.happened_at = e.session_created_at
          or json_extract_scalar(e.response, '$.credentials.accessKeyId') = e.access_key_id
        )
        then coalesce(e.shared_event_id, e.event_id)
    end as own_issuance_id
  from day_events e
  left join issued_keys k on k.access_key_id = e.access_key_id
  where e.access_key_id is not null
    or e.session_created_at is not null
    or e.caller_kind in ('role-session', 'federated-user')
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
  max(case when happened_at < session_created_at then 1 else 0 end) = 1 as is_early,
  max(only_at) as only_at,
  max(own_issuance_id) as own_issuance_id,
  max(issuer_arn) as issuer_arn,
  max(source_identity) as source_identity,
  max(recipient_account) as recipient_account,
  min(happened_at) as first_call_at,
  max(happened_at) as last_call_at,
  count(*) as calls,
  count_if(outcome = 'denied') as denied_calls,
  count_if(invoked_by is not null) as forwarded_calls,
  count_if(from_console) as console_calls,
  array_agg(distinct source_ip) filter (where source_ip is not null) as source_ips,
  array_agg(distinct user_agent) filter (where user_agent is not null) as user_agents,
  array_agg(distinct source) filter (where source is not null) as services
from called
group by day, identity
