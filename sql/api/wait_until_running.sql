-- API: public
-- Waits until a bridge serves this database, one minute at most (statement_timeout ends it earlier).
create or replace function net.wait_until_running()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  give_up constant timestamptz := clock_timestamp() + interval '1 minute';
begin
  -- At repeatable read and serializable a bridge that starts later is never seen: one look tells all.
  while not net.bridge_is_up()
    and clock_timestamp() < give_up
    and current_setting('transaction_isolation') in ('read committed', 'read uncommitted')
  loop
    perform pg_sleep(0.1);
  end loop;
  perform net.check_worker_is_up();
end
$$;
