-- API: helper
-- The user and password of a URL, percent-encoded as they stand before its host; null where it has none.
create or replace function net.user_info(url text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select substring(substring(url from '^[Hh][Tt][Tt][Pp][Ss]?://([^/?#]*)') from '^(.*)@')
$$;
