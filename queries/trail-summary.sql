-- title:    Trail summary
-- asks:     What was read, what was counted twice, and what could not be read?
-- power:    see-account
-- chart:    figures
-- menu:     trail
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- column:   records bigint  Records read in the window, duplicates included.
-- column:   distinct_events bigint  Distinct by (event id, account).
-- column:   duplicates bigint  records - distinct_events.
-- column:   files bigint  Files listed: loaded + unreadable + empty, whatever the window.
-- column:   unreadable_files bigint
-- column:   rejected_records bigint  Records that could not be read inside files that could.
-- column:   first_event_at timestamp?
-- column:   last_event_at timestamp?
-- column:   problems json  The first 100 of {file, reason, records}.
-- column:   loaded_files bigint
-- column:   empty_files bigint
-- column:   accounts bigint  Accounts with an event in the window.
-- column:   regions bigint
-- column:   bytes bigint  Size of the files as delivered.

with listed as (
  select
    count(*) as files,
    count_if(state = 'loaded') as loaded_files,
    count_if(state = 'unreadable') as unreadable_files,
    count_if(state = 'empty') as empty_files,
    coalesce(sum(rejected_records), 0) as rejected_records,
    coalesce(sum(bytes), 0) as bytes
  from files
),
spanned as (
  select
    coalesce(sum(records), 0) as distinct_events,
    coalesce(sum(duplicates), 0) as duplicates,
    min(first_event_at) as first_event_at,
    max(last_event_at) as last_event_at,
    count(distinct account) as accounts,
    count(distinct region) as regions
  from coverage
  where (cast(:since as timestamp(6)) is null or hour >= date_trunc('hour', cast(:since as timestamp(6))))
    and (cast(:until as timestamp(6)) is null or hour < cast(:until as timestamp(6)))
),
faults as (
  select
    file,
    reason,
    case when state = 'loaded' then rejected_records else records end as records,
    row_number() over (order by file) as place
  from files
  where state = 'unreadable' or rejected_records > 0
)
select
  cast(spanned.distinct_events + spanned.duplicates as bigint) as records,
  cast(spanned.distinct_events as bigint) as distinct_events,
  cast(spanned.duplicates as bigint) as duplicates,
  cast(listed.files as bigint) as files,
  cast(listed.unreadable_files as bigint) as unreadable_files,
  cast(listed.rejected_records as bigint) as rejected_records,
  spanned.first_event_at,
  spanned.last_event_at,
  (
    -- JSON text by hand: a cast to json makes a string of a text in Trino, and parses it in DuckDB.
    select '[' || coalesce(array_join(array_agg(
      '{"file":' || '"' || regexp_replace(replace(replace(file, '\', '\\'), '"', '\"'), '[\x00-\x1f]', '?') || '"'
      || ',"reason":' || coalesce('"' || regexp_replace(replace(replace(reason, '\', '\\'), '"', '\"'), '[\x00-\x1f]', '?') || '"', 'null')
      || ',"records":' || coalesce(cast(records as varchar), 'null') || '}' order by place), ','), '') || ']'
    from faults
    where place <= 100
  ) as problems,
  cast(listed.loaded_files as bigint) as loaded_files,
  cast(listed.empty_files as bigint) as empty_files,
  cast(spanned.accounts as bigint) as accounts,
  cast(spanned.regions as bigint) as regions,
  cast(listed.bytes as bigint) as bytes
from listed
cross join spanned
