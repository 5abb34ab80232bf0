-- API: helper
-- The host of a request as net.host_of gives it, where a look is enough, as with most requests: a lower-case name or an IPv4
-- address in its usual form, at most a port that is not the scheme's own, and nothing that net.check_request would refuse or
-- stamp. Otherwise null.
create or replace function net.plain_host(
  method text,
  url text,
  headers jsonb,
  timeout_milliseconds integer,
  max_attempts integer,
  priority integer,
  not_before timestamptz,
  dedupe_key text
)
returns text
language sql
immutable
parallel safe
return case
  -- No group that captures, and nothing that looks ahead: such expressions take ten times as long. One expression, as each
  -- step is prepared in each transaction. The ports are 1 to 59999, but for 80 and 443.
  when url operator(pg_catalog.~) '^https?://(?:(?:[a-z0-9_-]+[.])*[a-z][a-z0-9-]*|(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])[.]){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9]))(?::(?:[1-9]|[1-79][0-9]|8[1-9]|[1-35-9][0-9]{2}|4[0-35-9][0-9]|44[0-24-9]|[1-9][0-9]{3}|[1-5][0-9]{4}))?(?:$|/[!-~]*$)'
    and method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')
    and headers in ('{}', '{"Content-Type": "application/json"}')
    and timeout_milliseconds between 1 and 3600000
    and max_attempts between 1 and 1000
    and priority = 0
    and not_before is null
    and dedupe_key is null
    and pg_catalog.length(url) <= 65536
    and pg_catalog.length(pg_catalog.split_part(url, '/', 3)) <= 63
  then pg_catalog.split_part(url, '/', 3)
end;
