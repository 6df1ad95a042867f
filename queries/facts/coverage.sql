-- Account × Region × hour: what came, how late, how much of it twice, and which hours' files could not be read (those
-- by the minute of delivery in their names, for nothing inside is known).
with doubled as (
  select recipient_account as account, region, date_trunc('hour', happened_at) as hour, count(*) as duplicates
  from duplicates
  group by 1, 2, 3
),
unread as (
  select
    regexp_extract(file, '([0-9]{12})_CloudTrail_[^_/]+_[0-9]{8}T[0-9]{4}Z_[^/]*$', 1) as account,
    regexp_extract(file, '[0-9]{12}_CloudTrail_([^_/]+)_[0-9]{8}T[0-9]{4}Z_[^/]*$', 1) as region,
    regexp_extract(file, '_([0-9]{8}T[0-9]{2})[0-9]{2}Z_[^/]*$', 1) as minute,
    bytes
  from files
  where state = 'unreadable'
),
parts as (
  select
    account,
    region,
    hour,
    files,
    bytes,
    records,
    0 as duplicates,
    0 as unreadable_files,
    delay_p50_s,
    delay_p95_s,
    first_event_at,
    last_event_at
  from covered
  union all
  select account, region, hour, 0, 0, 0, duplicates, 0, null, null, null, null
  from doubled
  union all
  select
    account,
    region,
    try_cast(
      substr(minute, 1, 4) || '-' || substr(minute, 5, 2) || '-' || substr(minute, 7, 2) || ' '
      || substr(minute, 10, 2) || ':00:00' as timestamp(6)
    ),
    0, bytes, 0, 0, 1, null, null, null, null
  from unread
)
select
  account,
  region,
  hour,
  sum(files) as files,
  sum(bytes) as bytes,
  sum(records) as records,
  sum(duplicates) as duplicates,
  sum(unreadable_files) as unreadable_files,
  max(delay_p50_s) as delay_p50_s,
  max(delay_p95_s) as delay_p95_s,
  'unchecked' as verified,
  cast(null as varchar) as gap,
  min(first_event_at) as first_event_at,
  max(last_event_at) as last_event_at
from parts
group by account, region, hour
