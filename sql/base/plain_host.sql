-- API: private
-- The host of a URL as net.host_of gives it, where that needs no more than a look, as with most URLs: a lower-case name or
-- IPv4 address, at most a port that is not the scheme's own, and nothing in it that net.url_problem would refuse. Else null.
create or replace function net.plain_host(url text)
returns text
language sql
immutable
parallel safe
return case
  -- No group that captures, and nothing that looks ahead: such expressions take ten times as long.
  when url operator(pg_catalog.~) '^https?://[a-z0-9.-]+(?::[1-9][0-9]{0,3}|:[1-5][0-9]{4})?(?:$|/[!-~]*$)'
    and pg_catalog.split_part(url, '/', 3) operator(pg_catalog.!~~) '%:80'
    and pg_catalog.split_part(url, '/', 3) operator(pg_catalog.!~~) '%:443'
  then pg_catalog.split_part(url, '/', 3)
end;
