-- Issuances before their callers are joined: one row for each call that issued or refused a session, both accounts' copies merged: the caller's side wins, else
-- the first by file and place in it; what the winner's copy leaves out comes from the other.
-- Copies are put in order by what is narrow: whole rows are dear to sort.
with placed as (
  select
    file,
    file_index,
    row_number() over (
      partition by issuance_id
      order by case when is_callers then 0 else 1 end, file, file_index, event_id, recipient_account
    ) as place
  from component_records
  where api <> 'ConsoleLogin'
),
others as (
  select
    r.issuance_id,
    array_join(array_agg(',"' || event_id || '"' order by place), '') as event_ids,
    count(*) as copies,
    min_by(role_from, place) filter (where role is not null) as role_from,
    min_by(role, place) filter (where role is not null) as role,
    min_by(role_account, place) filter (where role_account is not null) as role_account,
    min_by(session_name, place) filter (where session_name is not null) as session_name,
    min_by(session_principal_id, place) filter (where session_principal_id is not null) as session_principal_id,
    min_by(session_arn, place) filter (where session_arn is not null) as session_arn,
    min_by(asked_arn, place) filter (where asked_arn is not null) as asked_arn,
    min_by(access_key_id, place) filter (where access_key_id is not null) as access_key_id,
    min_by(seconds_asked, place) filter (where seconds_asked is not null) as seconds_asked,
    min_by(expires_at, place) filter (where expires_at is not null) as expires_at,
    min_by(external_id, place) filter (where external_id is not null) as external_id,
    min_by(session_policy, place) filter (where session_policy is not null) as session_policy,
    min_by(tags, place) filter (where tags is not null) as tags,
    min_by(source_identity, place) filter (where source_identity is not null) as source_identity,
    min_by(tagged_mint_id, place) filter (where tagged_mint_id is not null) as tagged_mint_id
  from component_records r
  join placed p on p.file = r.file and p.file_index = r.file_index
  where p.place > 1
  group by r.issuance_id
),
merged as (
  select
    w.issuance_id,
    '["' || w.event_id || '"' || coalesce(o.event_ids, '') || ']' as event_ids,
    w.day,
    w.happened_at,
    w.api,
    w.outcome,
    w.error_code,
    w.error_message as reason,
    w.caller,
    w.caller_kind,
    w.caller_account,
    w.caller_principal_id,
    w.caller_principal_arn,
    w.caller_created_at,
    w.parent_key_id,
    case when w.role is null then coalesce(o.role_from, w.role_from) else w.role_from end as role_from,
    w.access_key_id is not null as is_key_callers,
    w.mfa,
    w.source_ip,
    w.user_agent,
    w.region,
    1 + coalesce(o.copies, 0) as copies,
    coalesce(w.role, o.role) as role,
    coalesce(w.role_account, o.role_account) as role_account,
    coalesce(w.session_name, o.session_name) as session_name,
    coalesce(w.session_principal_id, o.session_principal_id) as principal_id,
    coalesce(w.session_arn, o.session_arn) as session_arn,
    coalesce(w.asked_arn, o.asked_arn) as asked_arn,
    coalesce(w.access_key_id, o.access_key_id) as access_key_id,
    coalesce(w.seconds_asked, o.seconds_asked) as seconds_asked,
    coalesce(w.expires_at, o.expires_at) as expires_at,
    coalesce(w.external_id, o.external_id) as external_id,
    coalesce(w.session_policy, o.session_policy) as session_policy,
    coalesce(w.tags, o.tags) as tags,
    coalesce(w.source_identity, o.source_identity) as source_identity,
    coalesce(w.tagged_mint_id, o.tagged_mint_id) as tagged_mint_id
  from component_records w
  join placed p on p.file = w.file and p.file_index = w.file_index
  left join others o on o.issuance_id = w.issuance_id
  where p.place = 1
),
-- Who shares principal and second with others, and how many share the key as well: few, and joined by what is narrow.
shared as (
  select *
  from (
    select
      principal_id,
      happened_at,
      access_key_id,
      count(*) as of_key,
      sum(count(*)) over (partition by principal_id, happened_at) as of_second
    from merged
    where outcome = 'ok'
    group by principal_id, happened_at, access_key_id
  ) as counted
  where principal_id is null or of_second > 1
),
digested as (
  select
    m.*,
    -- Principal and second name a session; the key, and then the issuance, only where others share them.
    case
      when m.outcome = 'ok' then substr(to_hex(sha256(to_utf8(
        coalesce(m.principal_id, '') || chr(10) || date_format(m.happened_at, '%Y-%m-%dT%H:%i:%sZ')
        || case
          when s.happened_at is null then ''
          when s.of_key = 1 and m.access_key_id is not null then chr(10) || m.access_key_id
          else chr(10) || coalesce(m.access_key_id, '') || chr(10) || m.issuance_id
        end
      ))), 1, 30)
    end as digest
  from merged m
  left join shared s
    on s.happened_at = m.happened_at
    and coalesce(s.principal_id, '') = coalesce(m.principal_id, '')
    and coalesce(s.access_key_id, '') = coalesce(m.access_key_id, '')
    and m.outcome = 'ok'
)
select
  issuance_id,
  event_ids,
  day,
  happened_at,
  api,
  outcome,
  error_code,
  reason,
  case
    when outcome = 'ok' then null
    when regexp_like(reason, '(?i)explicit deny') then 'explicit-deny'
    when regexp_like(reason, '(?i)because no service control policy') then 'scp'
    when regexp_like(reason, '(?i)because no resource control policy') then 'rcp'
    when regexp_like(reason, '(?i)because no permissions boundary') then 'boundary'
    when regexp_like(reason, '(?i)because no session policy') then 'session-policy'
    when regexp_like(reason, '(?i)because no identity-based policy') then 'identity-policy'
    when regexp_like(reason, '(?i)because no (resource-based|role trust|assume role) policy|trust policy') then 'trust-policy'
    -- STS says so, without a reason, when the role's trust refuses a provider's token.
    when regexp_like(reason, '(?i)^not authorized to perform:? sts:assumerolewith') then 'trust-policy'
    else 'other'
  end as reason_class,
  caller,
  caller_kind,
  caller_account,
  role,
  role_from,
  role_account,
  session_name,
  principal_id,
  access_key_id,
  parent_key_id,
  coalesce(seconds_asked, date_diff('second', happened_at, expires_at)) as seconds,
  expires_at,
  external_id,
  mfa,
  session_policy,
  tags,
  source_identity,
  tagged_mint_id as mint_id,
  source_ip,
  user_agent,
  region,
  coalesce(caller_account <> role_account, false) as cross_account,
  copies,
  caller_principal_id,
  caller_principal_arn,
  caller_created_at,
  session_arn,
  coalesce(session_arn, asked_arn) as likely_arn,
  is_key_callers,
  -- Who the session's calls are made as (facts: identity type as the API makes it).
  case api
    when 'GetFederationToken' then 'federated-user'
    when 'AssumeRoot' then 'root'
    when 'GetSessionToken' then caller_kind
    else 'role-session'
  end as session_kind,
  's_' || lower(substr(to_base32(from_hex(digest)), 1, 20)) as session_id
from digested
