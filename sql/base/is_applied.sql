-- API: helper
-- Whether a row arrives by logical replication of its own table, as it is, and not by a statement that somebody wrote. For triggers
-- on that table.
create or replace function net.is_applied()
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_trigger_depth() = 1
    and exists (
      select
      from pg_stat_get_subscription(null) s
      where s.pid = pg_backend_pid()
    )
$$;
