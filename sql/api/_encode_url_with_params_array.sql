-- API: public
-- As pg_net has it: the parameters, name=value and encoded already, appended to the URL's query, before any fragment.
create or replace function net._encode_url_with_params_array(url text, params_array text[])
returns text
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
as $$
  select case
    when cardinality(array_remove(params_array, null)) = 0 then url
    else base
      || case when strpos(base, '?') = 0 then '?' when right(base, 1) in ('?', '&') then '' else '&' end
      || array_to_string(params_array, '&')
      || substr(url, length(base) + 1)
  end
  from split_part(url, '#', 1) base
$$;
