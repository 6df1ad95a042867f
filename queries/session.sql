-- title:    One session
-- asks:     What is this session, who opened it, and under which terms?
-- power:    see-own
-- chart:    lineage
-- menu:     panel
-- param:    session text  A session id, or one of its access keys.
-- column:   session_id text
-- column:   access_key_id text?
-- column:   made_by text
-- column:   origin text
-- column:   way text
-- column:   issuance_id text?
-- column:   api text?
-- column:   issued_at timestamp?
-- column:   expires_at timestamp?
-- column:   seconds bigint?  The lifetime asked for.
-- column:   caller text
-- column:   caller_kind text
-- column:   role text?
-- column:   account text?
-- column:   session_name text?
-- column:   principal_id text?
-- column:   source_identity text?
-- column:   mint_id text?
-- column:   person_id text?
-- column:   parent_session_id text?
-- column:   root_session_id text
-- column:   root_caller text
-- column:   root_kind text
-- column:   hops bigint
-- column:   joined_by text
-- column:   why text?
-- column:   keys bigint
-- column:   calls bigint
-- column:   calls_by_key bigint
-- column:   calls_by_principal bigint
-- column:   calls_ambiguous bigint
-- column:   denied_calls bigint
-- column:   first_call_at timestamp?
-- column:   last_call_at timestamp?
-- column:   sources bigint
-- column:   source_ips json
-- column:   user_agents json
-- column:   services json
-- column:   children bigint  Sessions opened from this one.
-- column:   mfa boolean?
-- column:   external_id text?
-- column:   session_policy text?
-- column:   tags json?
-- column:   issue_source_ip text?
-- column:   issue_user_agent text?
-- column:   issue_event_ids json?
-- column:   mint_match text?  How the mint was matched: key, tag, or name and second.
-- column:   road text?

with asked as (
  select session_id
  from sessions
  where session_id = cast(:session as varchar) or access_key_id = cast(:session as varchar)
  union
  select session_id
  from links
  where access_key_id = cast(:session as varchar) and joined_by <> 'ambiguous'
)
select
  s.session_id,
  s.access_key_id,
  s.made_by,
  s.origin,
  s.way,
  s.issuance_id,
  s.api,
  s.issued_at,
  s.expires_at,
  i.seconds,
  s.caller,
  s.caller_kind,
  s.role,
  s.account,
  s.session_name,
  s.principal_id,
  s.source_identity,
  s.mint_id,
  s.person_id,
  s.parent_session_id,
  s.root_session_id,
  s.root_caller,
  s.root_kind,
  s.hops,
  s.joined_by,
  s.why,
  s.keys,
  s.calls,
  s.calls_by_key,
  s.calls_by_principal,
  s.calls_ambiguous,
  s.denied_calls,
  s.first_call_at,
  s.last_call_at,
  s.sources,
  s.source_ips,
  s.user_agents,
  s.services,
  cast((select count(*) from sessions c where c.parent_session_id = s.session_id) as bigint) as children,
  i.mfa,
  i.external_id,
  i.session_policy,
  i.tags,
  i.source_ip as issue_source_ip,
  i.user_agent as issue_user_agent,
  i.event_ids as issue_event_ids,
  m.match as mint_match,
  m.road
from asked a
join sessions s on s.session_id = a.session_id
left join issuances i on i.issuance_id = s.issuance_id
left join mints m on m.mint_id = s.mint_id
order by s.session_id
