-- API: private
-- The host of a URL as net.host_of gives it, where that needs no more than a look, as with most URLs: a lower-case name or
-- IPv4 address, at most a port that is not the scheme's own, and nothing in it that net.url_problem would refuse. Else null.
create or replace function net.plain_host(url text)
returns text
language sql
immutable
parallel safe
return pg_catalog.substring(
  url,
  '^https?://([a-z0-9.-]+(?::(?!80/|80$|443/|443$)(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}))?)(?:$|/[!-~]*$)'
);
