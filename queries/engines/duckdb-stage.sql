-- Raw CloudTrail records, one a line, to `events` (facts/cloudtrail.md §4-§6). Engine-specific: the only place where raw
-- logs are laid out. The files of lines are filled in; `batch_files` maps a file's number in the batch to its key, and
-- `batch_callers` and `batch_endings` hold what many records repeat (queries/ingest/lines.ts). Each joins by a dense
-- number, so the engine computes on the repeated values once.
select
  text(r.eventID) as event_id,
  coalesce(text(r.recipientAccountId), e.recipient_account) as recipient_account,
  time_of(r.eventTime) as happened_at,
  cast(time_of(r.eventTime) as date) as day,
  text(r.eventSource) as source,
  text(r.eventName) as name,
  text(r.awsRegion) as region,
  coalesce(c.caller, 'service:' || coalesce(text(r.sourceIPAddress), '?')) as caller,
  c.caller_kind,
  c.principal_id,
  c.principal_arn,
  c.caller_account,
  c.access_key_id,
  c.session_created_at,
  c.issuer_arn,
  c.source_identity,
  c.mfa,
  c.invoked_by,
  c.on_behalf_of,
  text(r.sourceIPAddress) as source_ip,
  text(r.userAgent) as user_agent,
  text(r.errorCode) as error_code,
  text(r.errorMessage) as error_message,
  case
    when text(r.errorCode) is not null and not regexp_matches(r.errorCode, '^2[0-9][0-9]$')
      then case when regexp_matches(r.errorCode, 'AccessDenied|Unauthorized') then 'denied' else 'failed' end
    -- Sign-in tells a failure in the message alone: "Failed authentication", without an error code.
    when text(r.eventSource) = 'signin.amazonaws.com' and text(r.errorMessage) is not null then 'failed'
    else 'ok'
  end as outcome,
  coalesce(case lower(r.readOnly) when 'true' then true when 'false' then false end, e.read_only) as read_only,
  coalesce(
    text(r.eventCategory), case r.managementEvent when 'true' then 'Management' when 'false' then 'Data' end, e.category
  ) as category,
  text(r.requestID) as request_id,
  coalesce(text(r.sharedEventID), e.shared_event_id) as shared_event_id,
  coalesce(text(r.tlsDetails.clientProvidedHostHeader), e.tls_host) as tls_host,
  text(json_extract_string(r.additionalEventData, '$.RequestDetails.endpointType')) as endpoint_type,
  coalesce(cast(r.addendum as varchar), e.addendum) as addendum,
  f.file,
  r._i as file_index,
  without_token(cast(r.requestParameters as varchar)) as request,
  without_token(cast(r.responseElements as varchar)) as response,
  without_token(cast(r.additionalEventData as varchar)) as additional,
  coalesce(cast(r.resources as varchar), e.resources) as resources,
  coalesce(cast(r.serviceEventDetails as varchar), e.service_details) as service_details,
  -- The caller signed with what the console's sign-in gave.
  coalesce(lower(r.sessionCredentialFromConsole), e.from_console, '') = 'true' as from_console
from read_json($records, format = 'newline_delimited', ignore_errors = true, maximum_object_size = $longest, columns = {
  _f: 'INTEGER', _i: 'INTEGER', _u: 'INTEGER', _t: 'INTEGER',
  eventTime: 'VARCHAR', eventID: 'VARCHAR', eventSource: 'VARCHAR', eventName: 'VARCHAR', awsRegion: 'VARCHAR',
  sourceIPAddress: 'VARCHAR', userAgent: 'VARCHAR', errorCode: 'VARCHAR', errorMessage: 'VARCHAR', requestID: 'VARCHAR',
  requestParameters: 'JSON', responseElements: 'JSON', additionalEventData: 'JSON',
  recipientAccountId: 'VARCHAR', readOnly: 'VARCHAR', eventCategory: 'VARCHAR', managementEvent: 'VARCHAR',
  sharedEventID: 'VARCHAR', tlsDetails: 'STRUCT(clientProvidedHostHeader VARCHAR)', addendum: 'JSON', resources: 'JSON',
  serviceEventDetails: 'JSON', sessionCredentialFromConsole: 'VARCHAR'
}) as r
join batch_files as f on f.number = r._f
join batch_callers as c on c.number = r._u
join batch_endings as e on e.number = r._t
where text(r.eventID) is not null and r.eventID not like '{%' and r.eventID not like '[%' and time_of(r.eventTime) is not null
