-- title:    Lineage of a session
-- asks:     Through which sessions did this one come to be, and how is each step known?
-- power:    see-own
-- chart:    lineage
-- menu:     panel
-- param:    session text  A session id.
-- column:   step bigint  1 is the way in; the last is the session itself.
-- column:   session_id text
-- column:   access_key_id text?
-- column:   caller text  Who made the call that opened it: for step 1 the person or machine.
-- column:   caller_kind text
-- column:   role text?
-- column:   account text?
-- column:   session_name text?
-- column:   made_by text
-- column:   origin text
-- column:   person_id text?
-- column:   mint_id text?
-- column:   source_identity text?
-- column:   issued_at timestamp?
-- column:   joined_by text  How this step's caller is known to be the step before.
-- column:   why text?  Where the link is missing: why.
-- column:   parent_key_id text?  The key that signed the call that opened it.
-- column:   event_id text?  That call's event.
-- column:   calls bigint

with steps as (
  select stop.session_id, stop.place
  from (select lineage from sessions where session_id = cast(:session as varchar)) as path
  cross join unnest(split(path.lineage, ' ')) with ordinality as stop (session_id, place)
)
select
  cast(stop.place as bigint) as step,
  s.session_id,
  s.access_key_id,
  s.caller,
  s.caller_kind,
  s.role,
  s.account,
  s.session_name,
  s.made_by,
  s.origin,
  s.person_id,
  s.mint_id,
  s.source_identity,
  s.issued_at,
  s.joined_by,
  s.why,
  i.parent_key_id,
  json_extract_scalar(i.event_ids, '$[0]') as event_id,
  s.calls
from steps as stop
join sessions s on s.session_id = stop.session_id
left join (
  -- Those of its steps alone: a lineage has few, and the log holds many.
  select issuance_id, parent_key_id, event_ids
  from issuances
  where session_id in (select session_id from steps)
) i on i.issuance_id = s.issuance_id
order by stop.place
