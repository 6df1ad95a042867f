-- Which account and Region delivered how much of which hour, and how late. Account, Region and hour are the events'
-- own; a file counts in the hour of its first event of that day, and its bytes with it. Lateness is told to the minute,
-- as the files' names tell their delivery.
with minutes as (
  select
    file,
    day,
    recipient_account as account,
    region,
    date_trunc('minute', happened_at) as minute,
    count(*) as records,
    min(happened_at) as first_event_at,
    max(happened_at) as last_event_at
  from day_events
  group by file, day, recipient_account, region, date_trunc('minute', happened_at)
),
-- Several accounts or Regions may share a file's first minute: then the first by name, so that every run says the same.
placed as (
  select
    minutes.*,
    row_number() over (partition by file, day order by minute, account, region) as place
  from minutes
),
delivered as (
  select
    file,
    day,
    minute as first_minute,
    account,
    region,
    regexp_extract(file, '_([0-9]{8}T[0-9]{4})Z_[^/]*$', 1) as name
  from placed
  where place = 1
),
named as (
  select
    d.*,
    f.bytes,
    try_cast(
      substr(name, 1, 4) || '-' || substr(name, 5, 2) || '-' || substr(name, 7, 2) || ' '
      || substr(name, 10, 2) || ':' || substr(name, 12, 2) || ':00' as timestamp(6)
    ) as delivered_at
  from delivered d
  left join files f on f.file = d.file
),
late as (
  select
    m.account,
    m.region,
    date_trunc('hour', m.minute) as hour,
    m.records,
    m.first_event_at,
    m.last_event_at,
    date_diff('second', m.minute, n.delivered_at) as delay_s
  from minutes m
  join named n on n.file = m.file and n.day = m.day
),
ranked as (
  select
    late.*,
    sum(records) over (partition by account, region, hour order by delay_s, first_event_at, last_event_at, records) as reached,
    sum(records) over (partition by account, region, hour) as of_all
  from late
),
cells as (
  select
    account,
    region,
    hour,
    0 as files,
    cast(0 as bigint) as bytes,
    cast(sum(records) as bigint) as records,
    cast(min(delay_s) filter (where reached * 2 >= of_all) as double) as delay_p50_s,
    cast(min(delay_s) filter (where reached * 20 >= of_all * 19) as double) as delay_p95_s,
    min(first_event_at) as first_event_at,
    max(last_event_at) as last_event_at
  from ranked
  group by account, region, hour
  union all
  select
    account,
    region,
    date_trunc('hour', first_minute),
    count(*),
    cast(sum(coalesce(bytes, 0)) as bigint),
    0,
    null,
    null,
    null,
    null
  from named
  group by account, region, date_trunc('hour', first_minute)
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
