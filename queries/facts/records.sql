-- One row for each copy of a record that issued, or refused, a session, and for each console login: read out of the
-- events' JSON once. `day_events` are the events of the days to read again (queries/refresh.ts).
with issuing as (
  select
    e.*,
    replace(replace(json_extract_scalar(response, '$.credentials.expiration'), 'T', ' '), 'Z', '') as expiry,
    -- "Jul 29, 2023, 9:05:01 PM", older ones without the second comma, with any blank before PM (U+202F too).
    split(
      regexp_replace(json_extract_scalar(response, '$.credentials.expiration'), '[^A-Za-z0-9]+', ' '), ' '
    ) as expiry_words,
    nullif(json_extract_scalar(request, '$.roleArn'), '') as role_asked,
    regexp_extract(resources, 'arn:aws[a-z-]*:iam::[0-9]*:role/[\p{L}\p{N}_+=,.@/-]+', 0) as role_touched,
    json_extract_scalar(response, '$.assumedRoleUser.arn') as assumed_arn,
    regexp_extract(error_message, 'on resource: (arn:aws[a-z-]*:iam::[0-9]*:role/[\p{L}\p{N}_+=,.@/-]+)', 1) as role_told
  from day_events e
  where (
    source = 'sts.amazonaws.com'
    and name in (
      'AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'GetSessionToken', 'GetFederationToken', 'AssumeRoot'
    )
  ) or (source = 'signin.amazonaws.com' and name = 'ConsoleLogin' and outcome = 'ok')
),
aimed as (
  select
    issuing.*,
    case
      when name not like 'AssumeRole%' then null
      when role_asked is not null then role_asked
      when role_touched is not null then role_touched
      when assumed_arn is not null then regexp_replace(
        assumed_arn, '^arn:(aws[a-z-]*):sts::([0-9]*):assumed-role/([^/]+)/.*$', 'arn:$1:iam::$2:role/$3'
      )
      else role_told
    end as role,
    case
      when name not like 'AssumeRole%' then null
      when role_asked is not null then 'request'
      when role_touched is not null then 'resource'
      when assumed_arn is not null then 'response'
      when role_told is not null then 'message'
      else 'none'
    end as role_from,
    case
      when element_at(expiry_words, 7) in ('AM', 'PM') then try_cast(
        element_at(expiry_words, 3) || '-'
        || lpad(cast((strpos('JanFebMarAprMayJunJulAugSepOctNovDec', element_at(expiry_words, 1)) + 2) / 3 as varchar), 2, '0')
        || '-' || lpad(element_at(expiry_words, 2), 2, '0') || ' '
        || lpad(cast(
          mod(try_cast(element_at(expiry_words, 4) as bigint), 12)
          + case element_at(expiry_words, 7) when 'PM' then 12 else 0 end as varchar), 2, '0')
        || ':' || element_at(expiry_words, 5) || ':' || element_at(expiry_words, 6) as timestamp(6)
      )
      else try_cast(expiry as timestamp(6))
    end as expires_at
  from issuing
)
select
  coalesce(shared_event_id, event_id) as issuance_id,
  event_id,
  recipient_account,
  file,
  file_index,
  day,
  happened_at,
  name as api,
  outcome,
  error_code,
  error_message,
  caller,
  caller_kind,
  caller_account,
  principal_id as caller_principal_id,
  principal_arn as caller_principal_arn,
  session_created_at as caller_created_at,
  access_key_id as parent_key_id,
  -- The caller's side of two copies; the other account's copy names an account and no key.
  coalesce(caller_kind <> 'account' and caller_account = recipient_account, false) as is_callers,
  role,
  role_from,
  coalesce(
    case when name = 'AssumeRoot' then regexp_extract(json_extract_scalar(request, '$.targetPrincipal'), '[0-9]{12}', 0) end,
    nullif(split_part(role, ':', 5), ''),
    case when name in ('GetSessionToken', 'GetFederationToken') then coalesce(caller_account, recipient_account) end
  ) as role_account,
  coalesce(
    json_extract_scalar(request, '$.roleSessionName'),
    regexp_extract(assumed_arn, '[^/]+$', 0),
    case when name = 'GetFederationToken' then json_extract_scalar(request, '$.name') end
  ) as session_name,
  case
    when name = 'GetFederationToken' then json_extract_scalar(response, '$.federatedUser.federatedUserId')
    when name = 'AssumeRoot' then regexp_extract(json_extract_scalar(request, '$.targetPrincipal'), '[0-9]{12}', 0)
    when name = 'GetSessionToken' then principal_id
    else json_extract_scalar(response, '$.assumedRoleUser.assumedRoleId')
  end as session_principal_id,
  case
    when name = 'GetFederationToken' then json_extract_scalar(response, '$.federatedUser.arn')
    when name = 'GetSessionToken' then principal_arn
    else assumed_arn
  end as session_arn,
  -- Services leave assumedRoleUser out: the session's ARN follows from role and session name.
  case
    when role_asked like 'arn:%' and json_extract_scalar(request, '$.roleSessionName') is not null
      then replace(split_part(role_asked, ':role/', 1), ':iam:', ':sts:') || ':assumed-role/'
        || regexp_extract(role_asked, '[^/]+$', 0) || '/' || json_extract_scalar(request, '$.roleSessionName')
  end as asked_arn,
  nullif(json_extract_scalar(response, '$.credentials.accessKeyId'), '') as access_key_id,
  try_cast(json_extract_scalar(request, '$.durationSeconds') as bigint) as seconds_asked,
  case
    when expires_at is null
      then date_add('second', try_cast(json_extract_scalar(request, '$.durationSeconds') as bigint), happened_at)
    else expires_at
  end as expires_at,
  json_extract_scalar(request, '$.externalId') as external_id,
  mfa,
  json_extract_scalar(request, '$.policy') as session_policy,
  json_format(coalesce(json_extract(request, '$.tags'), json_extract(request, '$.principalTags'))) as tags,
  coalesce(
    json_extract_scalar(response, '$.sourceIdentity'), json_extract_scalar(request, '$.sourceIdentity'), source_identity
  ) as source_identity,
  coalesce(
    json_extract_scalar(request, '$.principalTags.RoletrailMint'),
    regexp_extract(
      json_format(json_extract(request, '$.tags')), '"key" ?: ?"RoletrailMint" ?, ?"value" ?: ?"([^"\\]*)"', 1
    ),
    regexp_extract(
      json_format(json_extract(request, '$.tags')), '"value" ?: ?"([^"\\]*)" ?, ?"key" ?: ?"RoletrailMint"', 1
    )
  ) as tagged_mint_id,
  source_ip,
  user_agent,
  region
from aimed
