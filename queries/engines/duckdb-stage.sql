-- Raw CloudTrail records, one a line, to `events` (facts/cloudtrail.md §4-§6). Engine-specific: the only place where raw
-- logs are laid out. The file of lines is filled in, `batch_files` maps a file's number in the batch to its key.
-- `text(x)` counts an empty string as absent; a caller part that nothing names is written `?`.
with raw as (
  select *
  from read_json($lines, format = 'newline_delimited', ignore_errors = true, maximum_object_size = $longest, columns = {
    _f: 'INTEGER', _i: 'INTEGER',
    eventTime: 'VARCHAR', eventID: 'VARCHAR', eventSource: 'VARCHAR', eventName: 'VARCHAR', awsRegion: 'VARCHAR',
    sourceIPAddress: 'VARCHAR', userAgent: 'VARCHAR', errorCode: 'VARCHAR', errorMessage: 'VARCHAR',
    requestID: 'VARCHAR', sharedEventID: 'VARCHAR', recipientAccountId: 'VARCHAR', readOnly: 'VARCHAR', sessionCredentialFromConsole: 'VARCHAR',
    managementEvent: 'VARCHAR', eventCategory: 'VARCHAR',
    requestParameters: 'JSON', responseElements: 'JSON', additionalEventData: 'JSON', resources: 'JSON',
    serviceEventDetails: 'JSON', addendum: 'JSON',
    tlsDetails: 'STRUCT(clientProvidedHostHeader VARCHAR)',
    userIdentity: 'STRUCT(
      type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR,
      invokedBy VARCHAR, identityProvider VARCHAR,
      sessionContext STRUCT(
        attributes STRUCT(creationDate VARCHAR, mfaAuthenticated VARCHAR),
        sessionIssuer STRUCT(arn VARCHAR), sourceIdentity VARCHAR),
      onBehalfOf STRUCT(userId VARCHAR))'
  })
), named as (
  select
    _f, _i,
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
    userIdentity.sessionContext.attributes.creationDate as created,
    userIdentity.sessionContext.attributes.mfaAuthenticated as mfa,
    text(userIdentity.sessionContext.sessionIssuer.arn) as issuer_arn,
    text(userIdentity.sessionContext.sourceIdentity) as source_identity,
    text(userIdentity.onBehalfOf.userId) as on_behalf_of,
    text(sourceIPAddress) as source_ip,
    text(userAgent) as user_agent,
    text(errorCode) as error_code,
    text(errorMessage) as error_message,
    readOnly as read_only,
    sessionCredentialFromConsole as from_console,
    coalesce(text(eventCategory), case managementEvent when 'true' then 'Management' when 'false' then 'Data' end) as category,
    text(requestID) as request_id,
    text(sharedEventID) as shared_event_id,
    text(tlsDetails.clientProvidedHostHeader) as tls_host,
    requestParameters as request, responseElements as response, additionalEventData as additional,
    resources, serviceEventDetails as service_details, addendum
  from raw
)
select
  n.event_id, n.recipient_account, n.happened_at, cast(n.happened_at as date) as day, n.source, n.name, n.region,
  case
    when kind = 'AssumedRole' then coalesce(issuer_arn, role_of_session_arn(arn), arn, 'AssumedRole:' || coalesce(before_colon(principal_id), '?'))
    when kind in ('IAMUser', 'Root', 'FederatedUser', 'Role') then coalesce(arn, kind || ':' || coalesce(account, '?') || '/' || coalesce(user_name, principal_id, '?'))
    when kind = 'AWSService' then 'service:' || coalesce(invoked_by, source_ip, '?')
    when kind = 'AWSAccount' then 'account:' || coalesce(account, '?') || '/' || coalesce(before_colon(principal_id), '*')
    when kind = 'SAMLUser' then 'saml:' || coalesce(provider, '?') || '/' || coalesce(user_name, principal_id, '?')
    when kind = 'WebIdentityUser' then 'web:' || coalesce(provider, '?') || '/' || coalesce(user_name, principal_id, '?')
    when kind = 'IdentityCenterUser' then 'identitycenter:' || coalesce(on_behalf_of, '?')
    when kind is null and invoked_by is not null then 'service:' || invoked_by
    when kind is null and account is not null then 'account:' || account
    else coalesce(kind, 'none') || ':' || coalesce(arn, principal_id, '?')
  end as caller,
  case
    when kind = 'IAMUser' then 'iam-user'
    when kind = 'Root' then 'root'
    when kind in ('AssumedRole', 'Role') then 'role-session'
    when kind = 'FederatedUser' then 'federated-user'
    when kind = 'AWSService' then 'service'
    when kind = 'AWSAccount' then 'account'
    when kind = 'SAMLUser' then 'saml'
    when kind = 'WebIdentityUser' then 'web-identity'
    when kind = 'IdentityCenterUser' then 'identity-center'
    when kind is null and invoked_by is not null then 'service'
    when kind is null and account is not null then 'account'
    else 'unknown'
  end as caller_kind,
  principal_id,
  arn as principal_arn,
  account as caller_account,
  access_key_id,
  time_of(created) as session_created_at,
  issuer_arn,
  source_identity,
  case lower(mfa) when 'true' then true when 'false' then false end as mfa,
  invoked_by, on_behalf_of, source_ip, user_agent, error_code, error_message,
  case
    when error_code is not null and not regexp_matches(error_code, '^2[0-9][0-9]$')
      then case when regexp_matches(error_code, 'AccessDenied|Unauthorized') then 'denied' else 'failed' end
    -- Sign-in tells a failure in the message alone: "Failed authentication", without an error code.
    when source = 'signin.amazonaws.com' and error_message is not null then 'failed'
    else 'ok'
  end as outcome,
  case lower(read_only) when 'true' then true when 'false' then false end as read_only,
  category, request_id, shared_event_id, tls_host,
  text(json_extract_string(additional, '$.RequestDetails.endpointType')) as endpoint_type,
  cast(addendum as varchar) as addendum,
  f.file,
  _i as file_index,
  without_token(cast(request as varchar)) as request,
  without_token(cast(response as varchar)) as response,
  without_token(cast(additional as varchar)) as additional,
  cast(resources as varchar) as resources,
  cast(service_details as varchar) as service_details,
  -- The caller signed with what the console's sign-in gave.
  coalesce(lower(from_console) = 'true', false) as from_console
from named as n
join batch_files as f on f.number = n._f
where n.event_id is not null and n.event_id not like '{%' and n.event_id not like '[%' and n.happened_at is not null
