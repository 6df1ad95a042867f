-- title:    Coverage of the trail
-- asks:     Which accounts delivered how much on which days, and how late?
-- power:    see-account
-- chart:    calendar
-- menu:     panel
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    account text  Only roles of this account.
-- column:   day date
-- column:   account text?
-- column:   regions bigint
-- column:   files bigint  Files that hold events of that day.
-- column:   bytes bigint
-- column:   records bigint  Distinct events.
-- column:   duplicates bigint
-- column:   delay_p50_s double?  From event to delivery, as the files' names say; the median of the hours' medians.
-- column:   delay_p95_s double?  The worst hour's 95th percentile.

select
  cast(hour as date) as day,
  account,
  cast(count(distinct region) as bigint) as regions,
  cast(sum(files) as bigint) as files,
  cast(sum(bytes) as bigint) as bytes,
  cast(sum(records) as bigint) as records,
  cast(sum(duplicates) as bigint) as duplicates,
  approx_percentile(delay_p50_s, 0.5) as delay_p50_s,
  max(delay_p95_s) as delay_p95_s
from coverage
where (cast(:since as timestamp(6)) is null or hour >= date_trunc('hour', cast(:since as timestamp(6))))
  and (cast(:until as timestamp(6)) is null or hour < cast(:until as timestamp(6)))
  and (cast(:account as varchar) is null or account = cast(:account as varchar))
group by cast(hour as date), account
order by day, account
