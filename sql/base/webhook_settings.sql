-- API: helper
-- What the comment on a webhook's function says of it; null where it is somebody's own function.
create or replace function net.webhook_settings(function oid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  settings jsonb;
begin
  settings := obj_description(function, 'pg_proc')::jsonb;
  return case when jsonb_typeof(settings -> 'webhook') = 'string' then settings end;
exception
  when data_exception then
    return null;
end
$$;
