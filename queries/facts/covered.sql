-- Which account and Region delivered how much of which hour, and how late. Account, Region and hour are the events'
-- own; a file counts in the hour of its first event of that day, and its bytes with it.
with delivered as (
  select
    file,
    day,
    min(happened_at) as first_event_at,
    min_by(recipient_account, happened_at) as account,
    min_by(region, happened_at) as region,
    -- The minute in the file's name is of delivery.
    regexp_extract(file, '_([0-9]{8}T[0-9]{4})Z_[^/]*$', 1) as minute
  from day_events
  group by file, day
),
named as (
  select
    d.*,
    f.bytes,
    try_cast(
      substr(minute, 1, 4) || '-' || substr(minute, 5, 2) || '-' || substr(minute, 7, 2) || ' '
      || substr(minute, 10, 2) || ':' || substr(minute, 12, 2) || ':00' as timestamp(6)
    ) as delivered_at
  from delivered d
  left join files f on f.file = d.file
),
cells as (
  select
    e.recipient_account as account,
    e.region,
    date_trunc('hour', e.happened_at) as hour,
    0 as files,
    cast(0 as bigint) as bytes,
    count(*) as records,
    cast(approx_percentile(cast(date_diff('second', e.happened_at, n.delivered_at) as double), 0.5) as double) as delay_p50_s,
    cast(approx_percentile(cast(date_diff('second', e.happened_at, n.delivered_at) as double), 0.95) as double) as delay_p95_s,
    min(e.happened_at) as first_event_at,
    max(e.happened_at) as last_event_at
  from day_events e
  join named n on n.file = e.file and n.day = e.day
  group by e.recipient_account, e.region, date_trunc('hour', e.happened_at)
  union all
  select
    account,
    region,
    date_trunc('hour', first_event_at),
    count(*),
    sum(coalesce(bytes, 0)),
    0,
    null,
    null,
    null,
    null
  from named
  group by account, region, date_trunc('hour', first_event_at)
)
select
  account,
  region,
  hour,
  sum(files) as files,
  sum(bytes) as bytes,
  sum(records) as records,
  max(delay_p50_s) as delay_p50_s,
  max(delay_p95_s) as delay_p95_s,
  min(first_event_at) as first_event_at,
  max(last_event_at) as last_event_at
from cells
group by account, region, hour
