-- API: helper
-- Whether a running bridge has sent a heartbeat in the last 15 s. The table has one row per bridge. Definer, as nobody else may read it.
create or replace function net.bridge_is_up()
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from net.bridges r
    where r.state = 'running'
      and r.seen > clock_timestamp() - interval '15 seconds'
  )
$$;
