-- API: helper
-- Headers whose content type is the given one, in place of any they had.
create or replace function net.with_content_type(headers jsonb, content_type text)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select headers
    - coalesce((select array_agg(key) from jsonb_object_keys(headers) key where lower(key collate "C") = 'content-type'), '{}')
    || jsonb_build_object('Content-Type', content_type)
$$;
