-- API: helper
-- What the comment on a webhook's function says of it; null where it is somebody's own function. Whoever owns a function can write any comment:
-- one that is odd is none.
create or replace function net.webhook_settings(function oid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  comment constant text := obj_description(function, 'pg_proc');
  settings jsonb;
begin
  if comment is null or length(comment) > 200000 then
    return null;
  end if;
  settings := comment::jsonb;
  return case
    when jsonb_typeof(settings -> 'webhook') = 'string'
      and jsonb_typeof(settings -> 'events') = 'array'
      and jsonb_typeof(settings -> 'headers') = 'object'
      and jsonb_typeof(settings -> 'exclude_columns') = 'array'
    then settings
  end;
exception
  when data_exception or program_limit_exceeded then
    return null;
end
$$;
