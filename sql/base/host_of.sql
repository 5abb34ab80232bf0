-- API: helper
-- The host of a URL as it is counted, shown and ruled: its one name (net.canonical_host), with its port unless that is the
-- scheme's own. Null where the URL does not have a valid host.
create or replace function net.host_of(url text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  authority constant text := substring(url from '^[^:]*://([^/?#]*)');
  port constant text := ltrim(substring(authority from ':([0-9]*)$'), '0');
  host constant text := net.canonical_host(regexp_replace(authority, ':[0-9]*$', ''));
begin
  return host
    || case
      when coalesce(port, '') = '' or port = case when url ~* '^https' then '443' else '80' end then ''
      else ':' || port
    end;
end
$$;
