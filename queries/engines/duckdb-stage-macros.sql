create or replace macro text(x) as nullif(x, '');
-- arn:aws:sts::<account>:assumed-role/<Role>/<session> → arn:aws:iam::<account>:role/<Role>. The path is not in it.
create or replace macro role_of_session_arn(x) as case when contains(x, ':assumed-role/')
  then nullif(system.main.regexp_replace(x, '^arn:(aws[a-z-]*):sts::([0-9]*):assumed-role/([^/]+)/.*$', 'arn:\1:iam::\2:role/\3'), x) end;
-- Whole seconds with a Z as nearly always; else an offset, a blank for the T (CloudTrail Lake's results), the basic form
-- 20131102T010628Z, a locale's "Jul 29, 2023, 9:05:01 PM" with any blank, U+202F too, before the PM, or the seconds or
-- milliseconds since 1970 that log shippers write. Only years of four digits, from 0001 on: the year 0 is 1 BC, and no
-- day's folder can be called so.
create or replace macro time_of(x) as case
  when x like '0000%' then null
  when x like '____-__-__T__:__:__Z' then try_cast(x as timestamp)
  when x like '0001-01-01_%' or x like '9999-12-31_%' then null -- An offset could lead out of those years.
  when x like '____-__-__T__:__:__%' or x like '____-__-__ __:__:__%' then try_cast(try_cast(x as timestamptz) as timestamp)
  when regexp_matches(x, '^[0-9]{8}T[0-9]{6}Z$') then try_strptime(x, '%Y%m%dT%H%M%SZ')
  when regexp_matches(x, '^[A-Z][a-z]{2} ') then try_strptime(
    replace(replace(replace(x, chr(8239), ' '), chr(160), ' '), ', ', ' '), '%b %d %Y %I:%M:%S %p')
  when regexp_matches(x, '^[0-9]{10}$') then make_timestamp(cast(x as bigint) * 1000000)
  when regexp_matches(x, '^[0-9]{13}$') then make_timestamp(cast(x as bigint) * 1000)
end;
-- A session token is half a credential, and 40 % of an issuing row's bytes.
create or replace macro without_token(x) as case when contains(x, 'essionToken') or contains(x, 'ecretAccessKey')
  then system.main.regexp_replace(x, '"([sS]essionToken|[sS]ecretAccessKey)":"(?:[^"\\]|\\.)*"', '"\1":null', 'g') else x end;
