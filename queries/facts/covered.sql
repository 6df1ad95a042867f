-- Which account and Region delivered how much of which hour, and how late. Account, Region and hour are the events'
-- own; a file counts in the hour of its first event of that day, and its bytes with it.
with timed as (
  select
    e.recipient_account as account,
    e.region,
    date_trunc('hour', e.happened_at) as hour,
    e.happened_at,
    e.file,
    e.file_index,
    e.day,
    -- The minute in the file's name is of delivery.
    regexp_extract(e.file, '_([0-9]{8}T[0-9]{4})Z_[^/]*$', 1) as minute
  from day_events e
),
ranked as (
  select
    timed.*,
    row_number() over (partition by file, day order by happened_at, file_index) as place,
    date_diff('second', happened_at, try_cast(
      substr(minute, 1, 4) || '-' || substr(minute, 5, 2) || '-' || substr(minute, 7, 2) || ' '
      || substr(minute, 10, 2) || ':' || substr(minute, 12, 2) || ':00' as timestamp(6)
    )) as delay_s
  from timed
)
select
  r.account,
  r.region,
  r.hour,
  count_if(r.place = 1) as files,
  coalesce(sum(case when r.place = 1 then f.bytes end), 0) as bytes,
  count(*) as records,
  cast(approx_percentile(cast(r.delay_s as double), 0.5) as double) as delay_p50_s,
  cast(approx_percentile(cast(r.delay_s as double), 0.95) as double) as delay_p95_s,
  min(r.happened_at) as first_event_at,
  max(r.happened_at) as last_event_at
from ranked r
left join files f on f.file = r.file
group by r.account, r.region, r.hour
