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

with asked as (
  select
    s.session_id,
    s.opened_at as starts_at,
    coalesce(
      case when s.last_call_at > s.expires_at then s.last_call_at else s.expires_at end,
      s.last_call_at,
      s.issued_at
    ) as ends_at
  from sessions s
  where s.session_id in (select id from unnest(split(cast(:sessions as varchar), ',')) as t (id))
),
ways as (
  select l.*, a.starts_at, date_diff('second', a.starts_at, a.ends_at) + 1 as seconds
  from links l
  join asked a on a.session_id = l.session_id
  where l.joined_by <> 'ambiguous'
),
calls as (
  select w.session_id, w.starts_at, w.seconds, e.happened_at, e.outcome
  from events e
  join ways w on w.access_key_id = e.access_key_id
  where (w.session_created_at = e.session_created_at or (w.session_created_at is null and e.session_created_at is null))
    and (w.only_at is null or w.only_at = e.happened_at)
    and w.principal = coalesce(e.principal_id, e.principal_arn)
    and e.day >= (select cast(min(first_call_at) as date) from ways)
    and e.day <= (select cast(max(last_call_at) as date) from ways)
  union all
  select w.session_id, w.starts_at, w.seconds, e.happened_at, e.outcome
  from events e
  join ways w
    on w.session_created_at = e.session_created_at
    and w.principal = coalesce(e.principal_id, e.principal_arn)
  where e.access_key_id is null
    and w.access_key_id is null
    and e.day >= (select cast(min(first_call_at) as date) from ways)
    and e.day <= (select cast(max(last_call_at) as date) from ways)
),
stretches as (
  select
    session_id,
    date_diff('second', starts_at, happened_at) * 120 / seconds as stretch,
    min(date_diff('second', starts_at, happened_at)) as second,
    count(*) as calls,
    count_if(outcome = 'denied') as denied
  from calls
  group by 1, 2
),
drawn as (
  select
    session_id,
    '[' || array_join(array_agg(
      '[' || cast(second as varchar) || ',' || cast(calls as varchar) || ',' || cast(denied as varchar) || ']' order by second
    ), ',') || ']' as ticks
  from stretches
  group by session_id
)
select
  a.session_id,
  a.starts_at,
  a.ends_at,
  coalesce(d.ticks, '[]') as ticks
from asked a
left join drawn d on d.session_id = a.session_id
order by a.starts_at desc, a.session_id
