-- Who made a call, in words, and as what kind (facts/cloudtrail.md §5): one rule, read by both engines' stages in place of
-- `$caller_rule`. A part that nothing names is written `?`. `$session_role` is the role of `arn` where that is a session's.
case
  when kind = 'AssumedRole' then coalesce(
    issuer_arn, $session_role, arn, 'AssumedRole:' || coalesce(nullif(split_part(principal_id, ':', 1), ''), '?')
  )
  when kind in ('IAMUser', 'Root', 'FederatedUser', 'Role')
    then coalesce(arn, kind || ':' || coalesce(account, '?') || '/' || coalesce(user_name, principal_id, '?'))
  when kind = 'AWSService' then 'service:' || coalesce(invoked_by, source_ip, '?')
  when kind = 'AWSAccount'
    then 'account:' || coalesce(account, '?') || '/' || coalesce(nullif(split_part(principal_id, ':', 1), ''), '*')
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
end as caller_kind
