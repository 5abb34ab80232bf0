-- API: private
-- The host of a URL as net.host_of gives it, where that needs no more than a look, as with most URLs: a lower-case name or
-- IPv4 address, at most a port that is not the scheme's own, and nothing in it that net.url_problem would refuse. Else null.
create or replace function net.plain_host(url text)
returns text
language sql
immutable
parallel safe
return case
  -- No group that captures, and nothing that looks ahead: such expressions take ten times as long. One expression, as each
  -- step is prepared anew in each transaction. The ports are 1 to 59999, but for 80 and 443.
  when url operator(pg_catalog.~) '^https?://[a-z0-9.-]+(?::(?:[1-9]|[1-79][0-9]|8[1-9]|[1-35-9][0-9]{2}|4[0-35-9][0-9]|44[0-24-9]|[1-9][0-9]{3}|[1-5][0-9]{4}))?(?:$|/[!-~]*$)'
  then pg_catalog.split_part(url, '/', 3)
end;
