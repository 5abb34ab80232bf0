-- API: public
-- Makes the bridges reconnect, once in 10 s at most. False: it was asked for within the last 10 s, or is being asked for
-- in a transaction that has not ended.
create or replace function net.worker_restart()
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return net.ask_restart();
end
$$;
