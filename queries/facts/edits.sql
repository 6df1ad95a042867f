-- Calls that changed a role, its trust or its policies: few, and each would else be looked for among all events. What they
-- asked for is dear to read, so they are found by what is not first.
with found as (
  select file, file_index
  from day_events
  where source = 'iam.amazonaws.com'
    and name in (
      'CreateRole', 'DeleteRole', 'UpdateRole', 'UpdateRoleDescription', 'UpdateAssumeRolePolicy', 'PutRolePolicy',
      'DeleteRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy', 'PutRolePermissionsBoundary',
      'DeleteRolePermissionsBoundary', 'TagRole', 'UntagRole'
    )
)
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
from found f
join day_events e on e.file = f.file and e.file_index = f.file_index
