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
others as (
  select account, region, hour, cast(sum(bytes) as bigint) as bytes, cast(sum(duplicates) as bigint) as duplicates,
    cast(sum(files) as bigint) as unreadable_files
  from (
    select account, region, hour, 0 as bytes, duplicates, 0 as files
    from doubled
    union all
    select
      account,
      region,
      try_cast(
        substr(minute, 1, 4) || '-' || substr(minute, 5, 2) || '-' || substr(minute, 7, 2) || ' '
        || substr(minute, 10, 2) || ':00:00' as timestamp(6)
      ),
      bytes,
      0,
      1
    from unread
  ) as told
  group by account, region, hour
)
-- The hours that came stand there already, one row each: joined to the few others, not counted again with them.
select
  c.account,
  c.region,
  c.hour,
  c.files,
  c.bytes + coalesce(o.bytes, 0) as bytes,
  c.records,
  coalesce(o.duplicates, 0) as duplicates,
  coalesce(o.unreadable_files, 0) as unreadable_files,
  c.delay_p50_s,
  c.delay_p95_s,
  'unchecked' as verified,
  cast(null as varchar) as gap,
  c.first_event_at,
  c.last_event_at
from covered c
left join others o
  on o.hour = c.hour
  and coalesce(o.account, '') = coalesce(c.account, '')
  and coalesce(o.region, '') = coalesce(c.region, '')
union all
select
  o.account,
  o.region,
  o.hour,
  0,
  o.bytes,
  0,
  o.duplicates,
  o.unreadable_files,
  null,
  null,
  'unchecked',
  null,
  null,
  null
from others o
left join covered c
  on c.hour = o.hour
  and coalesce(c.account, '') = coalesce(o.account, '')
  and coalesce(c.region, '') = coalesce(o.region, '')
where c.hour is null
