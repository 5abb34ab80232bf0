-- API: private
-- The advisory lock under which a key is looked for and taken.
create or replace function net.key_lock(role regrole, key text)
returns bigint
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select hashtextextended('pgnetty ' || role::oid || ' ' || key, 0)
$$;
