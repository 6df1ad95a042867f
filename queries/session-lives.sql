-- title:    Lives of sessions
-- asks:     When in their lives did these sessions call, and when were they denied?
-- power:    see-own
-- chart:    lives
-- menu:     panel
-- param:    sessions text  Session ids, comma separated, 200 at most.
-- column:   session_id text
-- column:   starts_at timestamp
-- column:   ends_at timestamp
-- column:   ticks json  [seconds after starts_at, calls, denied] for each of at most 120 stretches of the life.

select
  '' as session_id
where :sessions = ''
