-- title:    History of a role
-- asks:     Who changed this role, its trust or its policies, and when?
-- power:    see-account
-- chart:    table
-- menu:     panel
-- param:    role text  The role (ARN).
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- column:   event_id text
-- column:   happened_at timestamp
-- column:   name text  The IAM call.
-- column:   caller text
-- column:   outcome text
-- column:   error_code text?
-- column:   policy text?  The policy's name or ARN, where the call names one.
-- column:   source_ip text?

select
  event_id,
  happened_at,
  name,
  caller,
  outcome,
  error_code,
  policy,
  source_ip
from edits
where recipient_account = split_part(cast(:role as varchar), ':', 5)
  and role_name = regexp_extract(cast(:role as varchar), '[^/]+$')
  and (cast(:since as timestamp(6)) is null or happened_at >= cast(:since as timestamp(6)))
  and (cast(:until as timestamp(6)) is null or happened_at < cast(:until as timestamp(6)))
order by happened_at desc, event_id
