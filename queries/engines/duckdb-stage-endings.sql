-- What records say behind their eventID, each ending once, to `batch_endings`; -1 is that of a record that is whole.
create or replace temp table batch_endings as
select
  _n as number,
  text(recipientAccountId) as recipient_account,
  case lower(readOnly) when 'true' then true when 'false' then false end as read_only,
  coalesce(text(eventCategory), case managementEvent when 'true' then 'Management' when 'false' then 'Data' end) as category,
  text(sharedEventID) as shared_event_id,
  text(tlsDetails.clientProvidedHostHeader) as tls_host,
  cast(addendum as varchar) as addendum,
  cast(resources as varchar) as resources,
  cast(serviceEventDetails as varchar) as service_details,
  lower(sessionCredentialFromConsole) as from_console
from read_json($endings, format = 'newline_delimited', ignore_errors = true, maximum_object_size = $longest, columns = {
  _n: 'INTEGER', recipientAccountId: 'VARCHAR', readOnly: 'VARCHAR', eventCategory: 'VARCHAR', managementEvent: 'VARCHAR',
  sharedEventID: 'VARCHAR', tlsDetails: 'STRUCT(clientProvidedHostHeader VARCHAR)', addendum: 'JSON', resources: 'JSON',
  serviceEventDetails: 'JSON', sessionCredentialFromConsole: 'VARCHAR'
})
where _n is not null
union all
select -1, null, null, null, null, null, null, null, null, null
