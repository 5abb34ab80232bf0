-- API: private
-- The advisory lock under which a key is looked for and taken: one of 1024 a role, so that a transaction with many keys does
-- not use up the server's table of locks. Two keys that share one only wait for each other.
create or replace function net.key_lock(role regrole, key text)
returns bigint
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select hashtextextended(format('pgnetty %s %s', role::oid, hashtext(key) & 1023), 0)
$$;
