-- API: helper
-- Makes the bridges reconnect, once in 10 s at most. False: it was asked for within the last 10 s, or is being asked for
-- in a transaction that has not ended. The notification is a hint; the row is what the bridges believe. Definer, as nobody
-- else may write it.
create or replace function net.ask_restart()
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update net.bridge_control c
  set restarts = c.restarts + 1,
    restart_asked = clock_timestamp()
  from (
    select only_row
    from net.bridge_control
    where restart_asked < clock_timestamp() - interval '10 seconds'
    for update skip locked
  ) due
  where c.only_row = due.only_row;
  if not found then
    return false;
  end if;
  perform pg_notify('pgnetty', 'control');
  return true;
end
$$;
