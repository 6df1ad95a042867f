-- Raw CloudTrail records, one a line, to `events` (facts/cloudtrail.md §4-§6). Engine-specific: the only place where raw
-- logs are laid out. The files of lines are filled in (queries/ingest/lines.ts); `batch_files` maps a file's number in the
-- batch to its key. `text(x)` counts an empty string as absent.
with named as (
  select
    _f,
    _i as file_index,
    text(eventID) as event_id,
    text(recipientAccountId) as recipient_account,
    time_of(eventTime) as happened_at,
    text(eventSource) as source,
    text(eventName) as name,
    text(awsRegion) as region,
    text(userIdentity.type) as kind,
    text(userIdentity.principalId) as principal_id,
    text(userIdentity.arn) as arn,
    text(userIdentity.accountId) as account,
    text(userIdentity.accessKeyId) as access_key_id,
    text(userIdentity.userName) as user_name,
    text(userIdentity.invokedBy) as invoked_by,
    text(userIdentity.identityProvider) as provider,
    time_of(userIdentity.sessionContext.attributes.creationDate) as session_created_at,
    userIdentity.sessionContext.attributes.mfaAuthenticated as mfa,
    text(userIdentity.sessionContext.sessionIssuer.arn) as issuer_arn,
    text(userIdentity.sessionContext.sourceIdentity) as source_identity,
    text(userIdentity.onBehalfOf.userId) as on_behalf_of,
    text(sourceIPAddress) as source_ip,
    text(userAgent) as user_agent,
    text(errorCode) as error_code,
    text(errorMessage) as error_message,
    text(requestID) as request_id,
    text(sharedEventID) as shared_event_id,
    readOnly,
    eventCategory,
    managementEvent,
    text(tlsDetails.clientProvidedHostHeader) as tls_host,
    cast(addendum as varchar) as addendum,
    without_token(cast(requestParameters as varchar)) as request,
    without_token(cast(responseElements as varchar)) as response,
    without_token(cast(additionalEventData as varchar)) as additional,
    cast(resources as varchar) as resources,
    cast(serviceEventDetails as varchar) as service_details,
    -- The caller signed with what the console's sign-in gave.
    coalesce(lower(sessionCredentialFromConsole), '') = 'true' as from_console
  from read_json($records, format = 'newline_delimited', ignore_errors = true, maximum_object_size = $longest, columns = {
    _f: 'INTEGER', _i: 'INTEGER',
    userIdentity: 'STRUCT(
      type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR,
      invokedBy VARCHAR, identityProvider VARCHAR,
      sessionContext STRUCT(
        attributes STRUCT(creationDate VARCHAR, mfaAuthenticated VARCHAR),
        sessionIssuer STRUCT(arn VARCHAR), sourceIdentity VARCHAR),
      onBehalfOf STRUCT(userId VARCHAR))',
    eventTime: 'VARCHAR', eventID: 'VARCHAR', eventSource: 'VARCHAR', eventName: 'VARCHAR', awsRegion: 'VARCHAR',
    sourceIPAddress: 'VARCHAR', userAgent: 'VARCHAR', errorCode: 'VARCHAR', errorMessage: 'VARCHAR', requestID: 'VARCHAR',
    requestParameters: 'JSON', responseElements: 'JSON', additionalEventData: 'JSON',
    recipientAccountId: 'VARCHAR', readOnly: 'VARCHAR', eventCategory: 'VARCHAR', managementEvent: 'VARCHAR',
    sharedEventID: 'VARCHAR', tlsDetails: 'STRUCT(clientProvidedHostHeader VARCHAR)', addendum: 'JSON', resources: 'JSON',
    serviceEventDetails: 'JSON', sessionCredentialFromConsole: 'VARCHAR'
  })
)
select
  event_id,
  recipient_account,
  happened_at,
  cast(happened_at as date) as day,
  source,
  name,
  region,
  $caller_rule,
  principal_id,
  arn as principal_arn,
  account as caller_account,
  access_key_id,
  session_created_at,
  issuer_arn,
  source_identity,
  case lower(mfa) when 'true' then true when 'false' then false end as mfa,
  invoked_by,
  on_behalf_of,
  source_ip,
  user_agent,
  error_code,
  error_message,
  case
    when error_code is not null and not regexp_matches(error_code, '^2[0-9][0-9]$')
      then case when regexp_matches(error_code, 'AccessDenied|Unauthorized') then 'denied' else 'failed' end
    -- Sign-in tells a failure in the message alone: "Failed authentication", without an error code.
    when source = 'signin.amazonaws.com' and error_message is not null then 'failed'
    else 'ok'
  end as outcome,
  case lower(readOnly) when 'true' then true when 'false' then false end as read_only,
  coalesce(text(eventCategory), case managementEvent when 'true' then 'Management' when 'false' then 'Data' end) as category,
  request_id,
  shared_event_id,
  tls_host,
  text(json_extract_string(additional, '$.RequestDetails.endpointType')) as endpoint_type,
  addendum,
  f.file,
  file_index,
  request,
  response,
  additional,
  resources,
  service_details,
  from_console
from named
join batch_files as f on f.number = named._f
where event_id is not null and event_id not like '{%' and event_id not like '[%' and happened_at is not null
