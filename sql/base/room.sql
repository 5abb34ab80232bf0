-- API: private
-- Ends a statement that queued, INSERT or COPY: is there room for it? Our functions see to that themselves.
create or replace function net.room()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform net.check_room();
  return null;
end
$$;
