-- title:    Mints against the trail
-- asks:     Which of the broker's mints were seen in the trail, and which never?
-- power:    see-account
-- chart:    table
-- menu:     trail
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    account text  Only roles of this account.
-- param:    person text  Only this person's id (p_…).
-- param:    state text  Only seen, never-seen or not-handed-over.
-- param:    newest bigint  Only so many, the newest.
-- column:   mint_id text
-- column:   state text  seen, never-seen, or not-handed-over where nothing left the broker.
-- column:   person_id text
-- column:   account text
-- column:   role text
-- column:   road text
-- column:   outcome text
-- column:   intended_at timestamp
-- column:   issued_at timestamp?
-- column:   expires_at timestamp?
-- column:   access_key_id text?
-- column:   session_id text?
-- column:   match text?  How it was matched: key, tag, or name and second.
-- column:   calls bigint?
-- column:   last_call_at timestamp?
-- column:   reason text?

with told as (
  select
    m.*,
    s.calls,
    s.last_call_at,
    case
      when m.session_id is not null then 'seen'
      when m.outcome in ('handed-over', 'unknown') then 'never-seen'
      else 'not-handed-over'
    end as state
  from mints m
  left join sessions s on s.session_id = m.session_id
),
chosen as (
  select told.*, row_number() over (order by intended_at desc, mint_id) as place
  from told
  where (cast(:since as timestamp(6)) is null or intended_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or intended_at < cast(:until as timestamp(6)))
    and (cast(:account as varchar) is null or account = cast(:account as varchar))
    and (cast(:person as varchar) is null or person_id = cast(:person as varchar))
    and (cast(:state as varchar) is null or state = cast(:state as varchar))
)
select
  mint_id,
  state,
  person_id,
  account,
  role,
  road,
  outcome,
  intended_at,
  issued_at,
  expires_at,
  access_key_id,
  session_id,
  match,
  calls,
  last_call_at,
  reason
from chosen
where cast(:newest as bigint) is null or place <= cast(:newest as bigint)
order by place
