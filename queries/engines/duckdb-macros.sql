-- What Trino has and DuckDB lacks, or means otherwise. Measured: facts run unchanged on both with these.
create or replace macro json_extract_scalar(j, p) AS CASE WHEN left(json_extract_string(j, p), 1) IN ('{', '[') AND json_type(j, p) IN ('OBJECT', 'ARRAY') THEN NULL ELSE json_extract_string(j, p) END;
create or replace macro json_parse(s) AS CAST(s AS JSON);
create or replace macro json_format(j) AS CAST(j AS VARCHAR);
create or replace macro from_iso8601_timestamp(s) AS CAST(s AS TIMESTAMPTZ);
create or replace macro from_iso8601_date(s) AS CAST(s AS DATE);
create or replace macro to_iso8601(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%gZ');
create or replace macro to_unixtime(t) AS epoch(t);
create or replace macro from_unixtime(n) AS to_timestamp(n);
create or replace macro date_diff(u, a, b) AS datesub(u, a, b);
create or replace macro date_add(u, n, t) AS t + CASE lower(u) WHEN 'second' THEN to_seconds(n) WHEN 'minute' THEN to_minutes(n) WHEN 'hour' THEN to_hours(n) WHEN 'day' THEN to_days(n) WHEN 'week' THEN to_weeks(n) WHEN 'month' THEN to_months(n) WHEN 'year' THEN to_years(n) ELSE error('date_add unit') END;
create or replace macro day_of_week(t) AS isodow(t);
create or replace macro day_of_month(t) AS day(t);
create or replace macro day_of_year(t) AS dayofyear(t);
create or replace macro at_timezone(t, tz) AS timezone(tz, t);
create or replace macro date_format(t, f) AS strftime(t, replace(replace(replace(f,'%i','%M'),'%s','%S'),'%T','%H:%M:%S'));
create or replace macro approx_distinct(x) AS approx_count_distinct(x);
create or replace macro approx_percentile(x, p) AS quantile_disc(x, p);
-- Of no rows DuckDB's own is null, being a sum; Trino's is 0.
create or replace macro count_if(x) AS count(CASE WHEN x THEN 1 END);
create or replace macro arbitrary(x) AS any_value(x);
create or replace macro cardinality(a) AS len(a);
create or replace macro element_at(a, i) AS a[i];
create or replace macro array_join(a, s) AS array_to_string(a, s);
create or replace macro array_sort(a) AS list_sort(a);
create or replace macro array_max(a) AS list_max(a);
create or replace macro regexp_like(s, p) AS regexp_matches(s, p);
create or replace macro regexp_extract(s, p, g := 0) AS nullif(system.main.regexp_extract(s, p, g), '');
create or replace macro map_agg(k, v) AS map(list(k), list(v));
create or replace macro set_agg(x) AS list(DISTINCT x);
create or replace macro split(s, d) AS string_split(s, d);
create or replace macro every(x) AS bool_and(x);
create or replace macro url_extract_host(u) AS nullif(system.main.regexp_extract(u, '^[a-z]+://([^/:?#]+)', 1),'');
create or replace macro bitwise_and(a,b) AS a & b;
create or replace macro "if"(c, a, b) AS CASE WHEN c THEN a ELSE b END;
create or replace macro json_value(j, p) AS json_extract_string(j, replace(p, 'lax ', ''));
create or replace macro histogram(x) AS system.main.histogram(x);
create or replace macro regexp_replace(s, p) AS system.main.regexp_replace(s, p, '', 'g'), (s, p, r) AS system.main.regexp_replace(s, p, system.main.regexp_replace(r, '\$(\d)', '\\\1','g'), 'g');
create or replace macro concat(a, b) AS a || b, (a, b, c) AS a || b || c, (a,b,c,d) AS a||b||c||d;
create or replace macro sequence(a, b) AS generate_series(a, b), (a, b, s) AS generate_series(a, b, s);
create or replace macro date_parse(s, f) AS CAST(s AS TIMESTAMP);
create or replace macro arrays_overlap(a,b) AS list_has_any(a,b);
create or replace macro slice(a,s,n) AS list_slice(a, s, s+n-1);
create or replace macro to_utf8(x) AS encode(x);
create or replace macro rand() AS random();
create or replace macro width_bucket(x,lo,hi,n) AS CASE WHEN x<lo THEN 0 WHEN x>=hi THEN n+1 ELSE CAST(floor((x-lo)*n/(hi-lo)) AS BIGINT)+1 END;
create or replace macro zip(a,b) AS list_zip(a,b);
-- Digests: DuckDB's sha256 answers hex text where Trino's answers bytes, so hex stands for bytes here. to_base32 is of
-- 15 bytes (30 digits, 24 characters), which is what a session's id takes from its digest.
create or replace macro to_hex(h) as upper(h);
create or replace macro from_hex(h) as h;
create or replace macro base32_digit(n) as chr(cast(case when n < 26 then n + 65 else n + 24 end as integer));
create or replace macro base32_digits(n) as system.main.concat(
  base32_digit(n >> 35), base32_digit((n >> 30) & 31), base32_digit((n >> 25) & 31), base32_digit((n >> 20) & 31),
  base32_digit((n >> 15) & 31), base32_digit((n >> 10) & 31), base32_digit((n >> 5) & 31), base32_digit(n & 31));
create or replace macro to_base32(h) as case when h is not null then system.main.concat(
  base32_digits(cast('0x' || substr(h, 1, 10) as bigint)), base32_digits(cast('0x' || substr(h, 11, 10) as bigint)),
  base32_digits(cast('0x' || substr(h, 21, 10) as bigint))) end;
