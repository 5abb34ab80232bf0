-- API: public
-- Makes the bridges look at the queue when this transaction commits. Inserts do so by themselves.
create or replace function net.wake()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_notify('pgnetty', '');
end
$$;
