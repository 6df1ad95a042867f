-- What the event store holds beside its Parquet parts. `files` is CONTRACTS §4's; the others are the store's own books.
create table if not exists files (
  file varchar, bytes bigint, etag varchar, first_seen_at timestamp, records bigint, rejected_records bigint,
  state varchar, reason varchar
);
create table if not exists parts (path varchar, day date, rows bigint);
-- One row an event: its hash and day, so that a duplicate is found without reading a part.
create table if not exists event_keys (key ubigint, day date);
-- Records that lost to an equal one of a file earlier in key order.
create table if not exists duplicates (
  event_id varchar, recipient_account varchar, happened_at timestamp, region varchar, file varchar, file_index integer
);
-- Those of them that still lie in a part: `events` leaves them out until the day's parts are written again.
create table if not exists hidden (file varchar, file_index integer, day date);
create table if not exists no_events (
  event_id varchar, recipient_account varchar, happened_at timestamp, day date, source varchar, name varchar,
  region varchar, caller varchar, caller_kind varchar, principal_id varchar, principal_arn varchar,
  caller_account varchar, access_key_id varchar, session_created_at timestamp, issuer_arn varchar,
  source_identity varchar, mfa boolean, invoked_by varchar, on_behalf_of varchar, source_ip varchar,
  user_agent varchar, error_code varchar, error_message varchar, outcome varchar, read_only boolean,
  category varchar, request_id varchar, shared_event_id varchar, tls_host varchar, endpoint_type varchar,
  addendum varchar, file varchar, file_index integer,
  request varchar, response varchar, additional varchar, resources varchar, service_details varchar,
  from_console boolean
);
create or replace macro event_key(event_id, recipient_account) as hash(event_id, coalesce(recipient_account, ''));
