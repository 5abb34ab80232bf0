-- API: public
-- Makes the bridges poll the queue when this transaction commits. Inserts do so automatically.
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
