-- Which mint of the ledger is which session: by access key, then by the tag RoletrailMint as set on the call (not
-- inherited), then by session name and second; one session a mint, one mint a session. Keys that are known and differ
-- are no match, for anybody may set a tag or a name.
with handed as (
  select
    m.*,
    date_trunc('second', coalesce(issued_at, intended_at)) as second
  from minted m
  where outcome in ('handed-over', 'withheld', 'unknown')
),
issued as (
  select * from openings where outcome = 'ok' and role is not null
),
candidates as (
  select m.mint_id, o.issuance_id, o.session_id, 1 as strength
  from handed m
  join issued o on o.access_key_id = m.access_key_id and o.role = m.role
  union
  select m.mint_id, o.issuance_id, o.session_id, 2
  from handed m
  join issued o on o.mint_id = m.mint_id and o.role = m.role
  where o.access_key_id is null or m.access_key_id is null
  union
  select m.mint_id, o.issuance_id, o.session_id, 3
  from handed m
  join issued o on o.happened_at = m.second and o.role = m.role
  where (o.access_key_id is null or m.access_key_id is null)
    and o.mint_id is null
    and (
      o.session_name = m.session_name
      or (m.session_name is null and regexp_extract(o.session_name, '[^.]+$', 0) = substr(m.person_id, 3))
    )
),
strongest as (
  select
    candidates.*,
    min(strength) over (partition by mint_id) as best_of_mint,
    min(strength) over (partition by issuance_id) as best_of_issuance
  from candidates
),
counted as (
  select
    strongest.*,
    count(*) over (partition by mint_id) as of_mint,
    count(*) over (partition by issuance_id) as of_issuance
  from strongest
  where strength = best_of_mint and strength = best_of_issuance
)
select
  mint_id,
  issuance_id,
  session_id,
  case strength when 1 then 'key' when 2 then 'tag' else 'name and second' end as match
from counted
where of_mint = 1 and of_issuance = 1
