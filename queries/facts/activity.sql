-- What every session did, hour by hour; what no session did stands under c_<caller>.
-- `day_events` are the events of the days to count again.
with called as (
  select
    e.*,
    e.caller_kind || '|' || coalesce(e.access_key_id, '') || '|' || coalesce(e.principal_id, '') || '|'
      || coalesce(e.principal_arn, '') || '|' || coalesce(cast(cast(to_unixtime(e.session_created_at) as bigint) as varchar), '')
      || case when e.happened_at < e.session_created_at then '|early' else '' end
      || case
        when e.source = 'sts.amazonaws.com' and e.outcome = 'ok'
          and (
            e.happened_at = e.session_created_at
            or json_extract_scalar(e.response, '$.credentials.accessKeyId') = e.access_key_id
          )
          then '|' || coalesce(e.shared_event_id, e.event_id)
        else ''
      end
      || case
        when e.session_created_at is null and k.access_key_id is not null
          then '|' || cast(cast(to_unixtime(e.happened_at) as bigint) as varchar)
        else ''
      end as identity
  from day_events e
  left join issued_keys k on k.access_key_id = e.access_key_id
)
select
  coalesce(l.session_id, 'c_' || c.caller) as session_id,
  date_trunc('hour', c.happened_at) as hour,
  c.recipient_account as account,
  c.region,
  c.source,
  c.name,
  c.outcome,
  count(*) as calls
from called c
left join links l on l.identity = c.identity and l.joined_by <> 'ambiguous'
group by 1, 2, 3, 4, 5, 6, 7
