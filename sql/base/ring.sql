-- API: private
-- Rings the bell once a statement. The payload is constant, so that a transaction notifies once, at its commit.
create or replace function net.ring()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_notify('pgnetty', '');
  return null;
end
$$;
