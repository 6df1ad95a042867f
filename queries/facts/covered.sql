-- Which account and Region delivered how much of which hour, and how late. Account, Region and hour are the events'
-- own; a file counts in the hour of its first event of that day, and its bytes with it. Lateness is told to the minute,
-- as the files' names tell their delivery.
with late as (
  select
    file,
    day,
    recipient_account as account,
    region,
    happened_at,
    date_diff(
      'second',
      date_trunc('minute', happened_at),
      -- Of the name alone, so that an engine that knows a column's few values works it out once for each.
      try_cast(regexp_replace(
        regexp_extract(file, '_([0-9]{8}T[0-9]{4})Z_[^/]*$', 1),
        '^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})$', '$1-$2-$3 $4:$5:00'
      ) as timestamp(6))
    ) as delay_s
  from day_events
),
begun as (
  select file, day, account, region, date_trunc('minute', min(happened_at)) as minute
  from late
  group by file, day, account, region
),
-- Several accounts or Regions may share a file's first minute: then the first by name, so that every run says the same.
placed as (
  select
    begun.*,
    row_number() over (partition by file, day order by minute, account, region) as place
  from begun
),
seen as (
  select
    account,
    region,
    date_trunc('hour', happened_at) as hour,
    count(*) as records,
    array_sort(array_agg(delay_s) filter (where delay_s is not null)) as delays,
    min(happened_at) as first_event_at,
    max(happened_at) as last_event_at
  from late
  group by account, region, date_trunc('hour', happened_at)
),
cells as (
  select
    account,
    region,
    hour,
    cast(0 as bigint) as files,
    cast(0 as bigint) as bytes,
    records,
    -- The least delay that half, or 19 of 20, of the records do not exceed.
    cast(element_at(delays, (records + 1) / 2) as double) as delay_p50_s,
    cast(element_at(delays, (records * 19 + 19) / 20) as double) as delay_p95_s,
    first_event_at,
    last_event_at
  from seen
  union all
  select
    p.account,
    p.region,
    date_trunc('hour', p.minute),
    count(*),
    cast(sum(coalesce(f.bytes, 0)) as bigint),
    0,
    null,
    null,
    null,
    null
  from placed p
  left join files f on f.file = p.file
  where p.place = 1
  group by p.account, p.region, date_trunc('hour', p.minute)
)
select
  account,
  region,
  hour,
  cast(sum(files) as bigint) as files,
  cast(sum(bytes) as bigint) as bytes,
  cast(sum(records) as bigint) as records,
  max(delay_p50_s) as delay_p50_s,
  max(delay_p95_s) as delay_p95_s,
  min(first_event_at) as first_event_at,
  max(last_event_at) as last_event_at
from cells
group by account, region, hour
