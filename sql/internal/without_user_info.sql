-- API: helper
-- A URL without the user and password before its host.
-- Functions of webhooks call it, also those that an earlier version made: its name and arguments stay.
create or replace function net.without_user_info(url text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when net.user_info(url) is null then url
    else regexp_replace(url, '^([^:]*://)[^/?#]*@', chr(92) || '1')
  end
$$;
