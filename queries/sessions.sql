-- title:    Sessions
-- asks:     Which sessions were issued or used, by whom, through what, and what did they do?
-- power:    see-own
-- chart:    lives
-- menu:     trail
-- param:    since timestamp  Start of the window, included: sessions issued, or where no issue is known first used, in it.
-- param:    until timestamp  End of the window, excluded.
-- param:    include_services boolean  False leaves out what AWS services and known workload issuers did; else all are counted.
-- param:    account text  Only sessions of this account.
-- param:    role text  Only this role (ARN).
-- param:    caller text  Only this caller.
-- param:    person text  Only this person's id (p_…), sessions chained from theirs included.
-- param:    who text  Only of this one at the root of the chain: a person's id (p_…) or a root caller.
-- param:    origin text  Only this origin: broker, outside, service, console or no-record.
-- param:    live_at timestamp  Only sessions issued and not expired at this time.
-- param:    newest bigint  Only so many, the newest.
-- column:   session_id text
-- column:   access_key_id text?
-- column:   issued_at timestamp?  Null where the log holds no issuing record.
-- column:   caller text
-- column:   api text?  The call that issued it.
-- column:   role text?
-- column:   session_name text?
-- column:   calls bigint  Calls proven to be this session's.
-- column:   denied_calls bigint
-- column:   first_call_at timestamp?
-- column:   last_call_at timestamp?
-- column:   sources bigint  Distinct source addresses.
-- column:   parent_session_id text?
-- column:   hops bigint  AssumeRole* calls on the way to it.
-- column:   joined_by text  How its caller is known: root, key, principal+creationDate, sharedEventID, sourceIdentity, unresolved or ambiguous.
-- column:   keys bigint  Distinct access keys it used.
-- column:   calls_ambiguous bigint  Calls that fit this session and another one as well.
-- column:   origin text
-- column:   way text  The origin, with known workload issuers among the services.
-- column:   made_by text
-- column:   caller_kind text
-- column:   account text?
-- column:   expires_at timestamp?
-- column:   person_id text?  Whose mint it came from, directly or through other sessions.
-- column:   mint_id text?
-- column:   root_caller text
-- column:   root_kind text
-- column:   source_identity text?
-- column:   why text?

with chosen as (
  select
    s.session_id,
    s.opened_at,
    row_number() over (order by s.opened_at desc, s.session_id) as place
  from sessions s
  where (cast(:since as timestamp(6)) is null or s.opened_at >= cast(:since as timestamp(6)))
    and (cast(:until as timestamp(6)) is null or s.opened_at < cast(:until as timestamp(6)))
    and (coalesce(cast(:include_services as boolean), true) or s.way <> 'service')
    and (cast(:account as varchar) is null or s.account = cast(:account as varchar))
    and (cast(:role as varchar) is null or s.role = cast(:role as varchar))
    and (cast(:caller as varchar) is null or s.caller = cast(:caller as varchar))
    and (cast(:person as varchar) is null or s.person_id = cast(:person as varchar))
    and (cast(:who as varchar) is null or coalesce(s.person_id, s.root_caller) = cast(:who as varchar))
    and (cast(:origin as varchar) is null or s.origin = cast(:origin as varchar))
    and (
      cast(:live_at as timestamp(6)) is null
      or (s.issued_at <= cast(:live_at as timestamp(6)) and s.expires_at > cast(:live_at as timestamp(6)))
    )
)
select
  s.session_id,
  s.access_key_id,
  s.issued_at,
  s.caller,
  s.api,
  s.role,
  s.session_name,
  s.calls,
  s.denied_calls,
  s.first_call_at,
  s.last_call_at,
  s.sources,
  s.parent_session_id,
  s.hops,
  s.joined_by,
  s.keys,
  s.calls_ambiguous,
  s.origin,
  s.way,
  s.made_by,
  s.caller_kind,
  s.account,
  s.expires_at,
  s.person_id,
  s.mint_id,
  s.root_caller,
  s.root_kind,
  s.source_identity,
  s.why
from chosen c
-- By its time, too: the table lies in that order, and the rest of it is not looked at.
join sessions s on s.session_id = c.session_id and s.opened_at = c.opened_at
where cast(:newest as bigint) is null or c.place <= cast(:newest as bigint)
order by c.place
