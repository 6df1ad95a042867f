-- What every session did, hour by hour; what no session did stands under c_<caller>.
-- `day_events` are the events of the days to count again; the identity is that of uses.sql.
with counted as (
  select
    date_trunc('hour', happened_at) as hour,
    caller,
    caller_kind,
    access_key_id,
    principal_id,
    principal_arn,
    session_created_at,
    coalesce(happened_at < session_created_at, false) as is_early,
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
    case
      when session_created_at is null and access_key_id in (select access_key_id from issued_keys) then happened_at
    end as only_at,
    recipient_account,
    region,
    source,
    name,
    outcome,
    count(*) as calls
  from day_events
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
),
named as (
  select
    counted.*,
    caller_kind || '|' || coalesce(access_key_id, '') || '|' || coalesce(principal_id, '') || '|'
      || coalesce(principal_arn, '') || '|' || coalesce(cast(cast(to_unixtime(session_created_at) as bigint) as varchar), '')
      || case when is_early then '|early' else '' end
      || case when is_issuing then '|issuing' else '' end
      || coalesce('|' || cast(cast(to_unixtime(only_at) as bigint) as varchar), '') as identity
  from counted
)
select
  coalesce(l.session_id, 'c_' || n.caller) as session_id,
  n.hour,
  n.recipient_account as account,
  n.region,
  n.source,
  n.name,
  n.outcome,
  cast(sum(n.calls) as bigint) as calls
from named n
left join links l on l.identity = n.identity and l.joined_by <> 'ambiguous'
group by 1, 2, 3, 4, 5, 6, 7
