-- API: private
-- The host of a request by its URL, whatever host its redirects have led to (`host`).
create or replace function net.host_again(url text, host text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(net.plain_host('GET', url, '{}', 1, 1, 0, null, null), net.host_of(url), host)
$$;
