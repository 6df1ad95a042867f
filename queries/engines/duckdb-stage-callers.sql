-- The callers of a batch, each once, to `batch_callers` (facts/cloudtrail.md §4-§6). `text(x)` counts an empty string as
-- absent; a caller part that nothing names is written `?`.
create or replace temp table batch_callers as
with told as (
  select
    _n as number,
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
    text(userIdentity.onBehalfOf.userId) as on_behalf_of
  from read_json($callers, format = 'newline_delimited', ignore_errors = true, maximum_object_size = $longest, columns = {
    _n: 'INTEGER',
    userIdentity: 'STRUCT(
      type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR,
      invokedBy VARCHAR, identityProvider VARCHAR,
      sessionContext STRUCT(
        attributes STRUCT(creationDate VARCHAR, mfaAuthenticated VARCHAR),
        sessionIssuer STRUCT(arn VARCHAR), sourceIdentity VARCHAR),
      onBehalfOf STRUCT(userId VARCHAR))'
  })
  where _n is not null
)
select
  number,
  -- Null of a service without a name: then it is called by its address.
  $caller_rule,
  principal_id,
  arn as principal_arn,
  account as caller_account,
  access_key_id,
  time_of(created) as session_created_at,
  issuer_arn,
  source_identity,
  case lower(mfa) when 'true' then true when 'false' then false end as mfa,
  invoked_by,
  on_behalf_of
from told
