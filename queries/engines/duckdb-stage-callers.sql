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
  case
    when kind = 'AssumedRole' then coalesce(issuer_arn, role_of_session_arn(arn), arn, 'AssumedRole:' || coalesce(before_colon(principal_id), '?'))
    when kind in ('IAMUser', 'Root', 'FederatedUser', 'Role') then coalesce(arn, kind || ':' || coalesce(account, '?') || '/' || coalesce(user_name, principal_id, '?'))
    when kind = 'AWSService' then 'service:' || invoked_by
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
  invoked_by,
  on_behalf_of
from told
