-- Calls that changed a role, its trust or its policies: few, and each would else be looked for among all events.
select
  event_id,
  recipient_account,
  day,
  happened_at,
  name,
  json_extract_scalar(request, '$.roleName') as role_name,
  coalesce(json_extract_scalar(request, '$.policyName'), json_extract_scalar(request, '$.policyArn')) as policy,
  caller,
  outcome,
  error_code,
  source_ip,
  source_identity
from day_events
where source = 'iam.amazonaws.com'
  and name in (
    'CreateRole', 'DeleteRole', 'UpdateRole', 'UpdateRoleDescription', 'UpdateAssumeRolePolicy', 'PutRolePolicy',
    'DeleteRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy', 'PutRolePermissionsBoundary',
    'DeleteRolePermissionsBoundary', 'TagRole', 'UntagRole'
  )
