-- API: private
-- Which database of which cluster this is. A dump that is restored elsewhere brings another one's along, in
-- net.bridge_control; a failover to a standby changes nothing, pg_upgrade does.
create or replace function net.identity()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%s/%s', c.system_identifier, d.oid)
  from pg_control_system() c,
    pg_database d
  where d.datname = current_database()
$$;
