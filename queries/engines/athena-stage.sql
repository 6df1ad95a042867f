-- Raw CloudTrail records to `events`, as queries/engines/duckdb-stage.sql lays them out in DuckDB: the only other place
-- where raw logs are read. `new_files` are the rows of cloudtrail_raw of the files to read, with `path`.
-- The JSON SerDe gives no place in the file: `file_index` counts a file's records in order of time and id.
with named as (
  select
    regexp_extract(path, '(AWSLogs/.*)$', 1) as file,
    nullif(eventid, '') as event_id,
    nullif(recipientaccountid, '') as recipient_account,
    case
      when eventtime like '____-__-__T__:__:__Z' then try_cast(replace(replace(eventtime, 'T', ' '), 'Z', '') as timestamp(6))
      when eventtime like '____-__-__T__:__:__%' then try(cast(at_timezone(from_iso8601_timestamp(eventtime), 'UTC') as timestamp(6)))
      when regexp_like(eventtime, '^[0-9]{8}T[0-9]{6}Z$') then try_cast(regexp_replace(
        eventtime, '^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z$', '$1-$2-$3 $4:$5:$6'
      ) as timestamp(6))
      when regexp_like(eventtime, '^[A-Z][a-z]{2} ') then try(cast(date_parse(
        regexp_replace(eventtime, '[^A-Za-z0-9:]+', ' '), '%b %e %Y %h:%i:%s %p'
      ) as timestamp(6)))
    end as happened_at,
    nullif(eventsource, '') as source,
    nullif(eventname, '') as name,
    nullif(awsregion, '') as region,
    nullif(useridentity.type, '') as kind,
    nullif(useridentity.principalid, '') as principal_id,
    nullif(useridentity.arn, '') as arn,
    nullif(useridentity.accountid, '') as account,
    nullif(useridentity.accesskeyid, '') as access_key_id,
    nullif(useridentity.username, '') as user_name,
    nullif(useridentity.invokedby, '') as invoked_by,
    nullif(useridentity.identityprovider, '') as provider,
    case
      when useridentity.sessioncontext.attributes.creationdate like '____-__-__T__:__:__Z' then try_cast(replace(replace(useridentity.sessioncontext.attributes.creationdate, 'T', ' '), 'Z', '') as timestamp(6))
      when useridentity.sessioncontext.attributes.creationdate like '____-__-__T__:__:__%' then try(cast(at_timezone(from_iso8601_timestamp(useridentity.sessioncontext.attributes.creationdate), 'UTC') as timestamp(6)))
      when regexp_like(useridentity.sessioncontext.attributes.creationdate, '^[0-9]{8}T[0-9]{6}Z$') then try_cast(regexp_replace(
        useridentity.sessioncontext.attributes.creationdate, '^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z$', '$1-$2-$3 $4:$5:$6'
      ) as timestamp(6))
      when regexp_like(useridentity.sessioncontext.attributes.creationdate, '^[A-Z][a-z]{2} ') then try(cast(date_parse(
        regexp_replace(useridentity.sessioncontext.attributes.creationdate, '[^A-Za-z0-9:]+', ' '), '%b %e %Y %h:%i:%s %p'
      ) as timestamp(6)))
    end as session_created_at,
    useridentity.sessioncontext.attributes.mfaauthenticated as mfa,
    nullif(useridentity.sessioncontext.sessionissuer.arn, '') as issuer_arn,
    nullif(useridentity.sessioncontext.sourceidentity, '') as source_identity,
    nullif(useridentity.onbehalfof.userid, '') as on_behalf_of,
    nullif(sourceipaddress, '') as source_ip,
    nullif(useragent, '') as user_agent,
    nullif(errorcode, '') as error_code,
    nullif(errormessage, '') as error_message,
    readonly as read_only,
    coalesce(
      nullif(eventcategory, ''), case managementevent when 'true' then 'Management' when 'false' then 'Data' end
    ) as category,
    nullif(requestid, '') as request_id,
    nullif(sharedeventid, '') as shared_event_id,
    nullif(tlsdetails.clientprovidedhostheader, '') as tls_host,
    requestparameters as request,
    responseelements as response,
    additionaleventdata as additional,
    -- In the log's own spelling: a struct's names are lower case.
    replace(replace(json_format(cast(resources as json)), '"arn":', '"ARN":'), '"accountid":', '"accountId":') as resources,
    serviceeventdetails as service_details,
    nullif(addendum, '') as addendum,
    sessioncredentialfromconsole as from_console
  from new_files
),
role_of_arn as (
  select
    named.*,
    nullif(
      regexp_replace(arn, '^arn:(aws[a-z-]*):sts::([0-9]*):assumed-role/([^/]+)/.*$', 'arn:$1:iam::$2:role/$3'), arn
    ) as session_role
  from named
  where event_id is not null and happened_at is not null
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
    when error_code is not null and not regexp_like(error_code, '^2[0-9][0-9]$')
      then case when regexp_like(error_code, 'AccessDenied|Unauthorized') then 'denied' else 'failed' end
    -- Sign-in tells a failure in the message alone: "Failed authentication", without an error code.
    when source = 'signin.amazonaws.com' and error_message is not null then 'failed'
    else 'ok'
  end as outcome,
  case lower(read_only) when 'true' then true when 'false' then false end as read_only,
  category,
  request_id,
  shared_event_id,
  tls_host,
  nullif(json_extract_scalar(additional, '$.RequestDetails.endpointType'), '') as endpoint_type,
  addendum,
  file,
  cast(row_number() over (partition by file order by happened_at, event_id, recipient_account) - 1 as integer) as file_index,
  regexp_replace(request, '"([sS]essionToken|[sS]ecretAccessKey)"\s*:\s*"(?:[^"\\]|\\.)*"', '"$1":null') as request,
  regexp_replace(response, '"([sS]essionToken|[sS]ecretAccessKey)"\s*:\s*"(?:[^"\\]|\\.)*"', '"$1":null') as response,
  regexp_replace(additional, '"([sS]essionToken|[sS]ecretAccessKey)"\s*:\s*"(?:[^"\\]|\\.)*"', '"$1":null') as additional,
  resources,
  service_details,
  coalesce(lower(from_console) = 'true', false) as from_console
from role_of_arn
