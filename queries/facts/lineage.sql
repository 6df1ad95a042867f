-- One generation more of every session's lineage: run until it adds nothing. No recursion: Athena stops at depth 10.
select
  s.session_id,
  coalesce(p.root_session_id, s.session_id) as root_session_id,
  coalesce(p.root_caller, s.caller) as root_caller,
  coalesce(p.root_kind, s.caller_kind) as root_kind,
  coalesce(p.hops, 0) + s.own_hops as hops,
  case when s.mint_id is not null or p.session_id is null then 1 else p.step + 1 end as step,
  case when p.lineage is null then s.session_id else p.lineage || ' ' || s.session_id end as lineage,
  case
    when s.mint_id is not null or b.parent_session_id is not null or w.role is not null then 'broker'
    when s.made_by in ('console', 'service') then s.made_by
    when s.issued_at is null then 'no-record'
    when s.caller_kind = 'service' or s.caller like '%:role/aws-service-role/%' then 'service'
    when p.origin in ('broker', 'service') then p.origin
    else 'outside'
  end as origin,
  case
    when s.mint_id is not null or b.parent_session_id is not null or w.role is not null then 'broker'
    when s.made_by in ('console', 'service') then s.made_by
    when s.issued_at is null then 'no-record'
    when s.caller_kind = 'service' or s.caller like '%:role/aws-service-role/%' then 'service'
    -- Issuers whose tokens stand for jobs and pods, never for people.
    when s.caller_kind = 'web-identity' and regexp_like(
      s.caller,
      '[:/](token\.actions\.githubusercontent\.com|gitlab\.com|oidc\.eks\.[a-z0-9-]+\.amazonaws\.com|oidc\.circleci\.com|app\.terraform\.io|agent\.buildkite\.com|api\.bitbucket\.org)/'
    ) then 'service'
    when p.way in ('broker', 'service') then p.way
    else 'outside'
  end as way,
  coalesce(s.person_id, p.person_id) as person_id
from touched_opened s
left join lineage known on known.session_id = s.session_id
left join lineage p on p.session_id = s.parent_session_id
left join (
  -- A session from which the broker minted is the broker's own.
  select distinct parent_session_id from opened where mint_id is not null and road = 'assume-role' and parent_session_id is not null
) b on b.parent_session_id = s.session_id and s.issued_at is not null
left join own_roles w on w.role = s.role and s.issued_at is not null and (w.caller is null or w.caller = s.caller)
where known.session_id is null
  and (s.parent_session_id is null or p.session_id is not null)
