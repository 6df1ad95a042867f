-- The ledger's mints with the session each is in the trail.
select
  m.mint_id,
  m.person_id,
  m.account,
  m.role,
  m.road,
  m.outcome,
  m.intended_at,
  m.issued_at,
  m.expires_at,
  m.access_key_id,
  x.session_id,
  x.match,
  m.reason
from minted m
left join matches x on x.mint_id = m.mint_id
