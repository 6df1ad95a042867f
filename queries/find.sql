-- title:    Find
-- asks:     Which roles, people, callers and sessions are called something like this?
-- power:    see-account
-- chart:    table
-- menu:     panel
-- param:    text text  Part of a role's name, a caller or a session name; a session id or an access key.
-- column:   kind text  role, person, caller or session.
-- column:   id text  ARN, person id, caller or session id.
-- column:   label text
-- column:   account text?
-- column:   last_at timestamp?
-- column:   sessions bigint

with found as (
  select
    'role' as kind,
    role as id,
    regexp_extract(role, '[^/]+$') as label,
    account,
    max(opened_at) as last_at,
    count(*) as sessions
  from sessions
  where role is not null and strpos(lower(role), lower(cast(:text as varchar))) > 0
  group by role, account
  union all
  -- A session name of ours begins with the person's: "mara.oyelaran" for Mara Oyelaran.
  select
    'person',
    person_id,
    person_id,
    cast(null as varchar),
    max(opened_at),
    count(*)
  from sessions
  where person_id is not null
    and strpos(lower(session_name), replace(lower(cast(:text as varchar)), ' ', '.')) > 0
  group by person_id
  union all
  select
    'caller',
    caller,
    caller,
    cast(null as varchar),
    max(opened_at),
    count(*)
  from sessions
  where strpos(lower(caller), lower(cast(:text as varchar))) > 0
  group by caller
  union all
  select
    'session',
    session_id,
    coalesce(session_name, access_key_id, session_id),
    account,
    coalesce(last_call_at, issued_at),
    1
  from sessions
  where session_id = cast(:text as varchar)
    or access_key_id = cast(:text as varchar)
    or strpos(lower(session_name), replace(lower(cast(:text as varchar)), ' ', '.')) > 0
),
ranked as (
  select found.*, row_number() over (partition by kind order by last_at desc, id) as place
  from found
)
select
  kind,
  id,
  label,
  account,
  last_at,
  cast(sessions as bigint) as sessions
from ranked
where place <= 8
order by kind, place
