-- API: helper
-- The bytes of a JSON body.
create or replace function net.json_body(body jsonb)
returns bytea
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Most databases, without one call more.
  if getdatabaseencoding() = 'UTF8' then
    return convert_to(body::text, 'UTF8');
  end if;
  return net.json_bytes(body::text);
end
$$;
