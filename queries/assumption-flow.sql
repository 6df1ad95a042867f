-- title:    The way in, hop by hop
-- asks:     From whom to which first role, and from role to role, did sessions go?
-- power:    see-account
-- chart:    flow
-- menu:     panel
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- param:    include_services boolean  False leaves out what AWS services and known workload issuers did; else all are counted.
-- param:    account text  Only roles of this account.
-- param:    role text  Only steps into this role (ARN).
-- param:    top bigint  Only the steps taken most, so many.
-- column:   hop bigint  1 is the step from a person or machine to its first role.
-- column:   source text  The person's id or root caller at hop 1, else the role before.
-- column:   source_kind text  person, the kind of the root caller, or role.
-- column:   target text?  The role taken on; null where the session has none.
-- column:   way text
-- column:   sessions bigint

with steps as (
  select
    s.hops as hop,
    case
      when s.parent_session_id is not null then coalesce(p.role, p.caller, s.caller)
      else coalesce(s.person_id, s.caller)
    end as source,
    case
      when s.parent_session_id is not null and p.role is not null then 'role'
      when s.parent_session_id is null and s.person_id is not null then 'person'
      else s.caller_kind
    end as source_kind,
    s.role as target,
    s.way,
    count(*) as sessions
  from sessions s
  left join sessions p on p.session_id = s.parent_session_id
  where s.role is not null
    and s.issued_at is not null
    and (cast(:since as timestamp(6)) is null or s.issued_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or s.issued_at < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or s.way <> 'service')
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
    and (cast(:role as varchar) is null or s.role = cast(:role as varchar))
  group by 1, 2, 3, 4, 5
),
ranked as (
  select steps.*, row_number() over (order by sessions desc, hop, source, target, way) as place
  from steps
)
select
  hop,
  source,
  source_kind,
  target,
  way,
  cast(sessions as bigint) as sessions
from ranked
where cast(:top as bigint) is null or place <= cast(:top as bigint)
order by hop, place
