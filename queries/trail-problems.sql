-- title:    Files with problems
-- asks:     Which files or records could not be read, and why?
-- power:    see-account
-- chart:    table
-- menu:     panel
-- column:   file text
-- column:   state text  unreadable, or loaded where only some records were rejected.
-- column:   reason text?
-- column:   bytes bigint?
-- column:   records bigint?
-- column:   rejected_records bigint?
-- column:   first_seen_at timestamp?

select
  file,
  state,
  reason,
  bytes,
  records,
  rejected_records,
  first_seen_at
from files
where state = 'unreadable' or rejected_records > 0
order by first_seen_at desc, file
