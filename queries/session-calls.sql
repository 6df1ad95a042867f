-- title:    Calls of one session
-- asks:     What did this session do, call by call, and how do we know the calls are its own?
-- power:    see-own
-- chart:    table
-- menu:     panel
-- param:    session text  A session id, or one of its access keys.
-- param:    since timestamp  Start of the window, included.
-- param:    until timestamp  End of the window, excluded.
-- column:   event_id text
-- column:   happened_at timestamp
-- column:   source text  The service, as iam.amazonaws.com.
-- column:   name text
-- column:   outcome text  ok, denied or failed.
-- column:   error_code text?
-- column:   source_ip text?
-- column:   region text?
-- column:   joined_by text  key, principal+creationDate, or ambiguous where another session fits as well.
-- column:   error_message text?
-- column:   user_agent text?
-- column:   account text?
-- column:   access_key_id text?
-- column:   invoked_by text?  The service that forwarded the call; null where the session signed it itself.
-- column:   read_only boolean?
-- column:   category text?  Management or Data.
-- column:   role text?  The role an AssumeRole* call aimed at.
-- column:   opened_session_id text?  The session it opened.
-- column:   session_id text

select
  '' as event_id
where :session = '' and :since is null and :until is null
