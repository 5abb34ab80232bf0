-- API: helper
-- In a webhook's function, a row as JSON without the columns that are left out. Not by jsonb: a value of type json that jsonb cannot hold would
-- stop whoever writes, and be shown to him.
create or replace function net.webhook_row_source(settings jsonb, variable text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when jsonb_array_length(settings -> 'exclude_columns') = 0 then format('row_to_json(%s)', variable)
    else format(
      '(select json_object_agg(e.key, e.value) from json_each(row_to_json(%s)) e where e.key <> all (%L::text[]))',
      variable, array(select jsonb_array_elements_text(settings -> 'exclude_columns')))
  end
$$;
