-- API: helper
-- A URL with the parameters appended to its query, before any fragment.
create or replace function net.with_params(url text, params jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  name text;
  value jsonb;
  query text;
begin
  if params is null or params = '{}' or url is null then
    return url;
  end if;
  if jsonb_typeof(params) <> 'object' then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('params must be a JSON object of names and values, not %s', jsonb_typeof(params));
  end if;
  for name, value in select * from jsonb_each(params) loop
    if jsonb_typeof(value) = 'object'
      or jsonb_typeof(value) = 'array' and value @? 'strict $[*] ? (@.type() == "object" || @.type() == "array")'
    then
      raise exception using
        errcode = 'invalid_parameter_value',
        message = format('params: the value of %s must be a string, number or boolean, null, or an array of these', to_json(name));
    end if;
  end loop;

  select string_agg(net.url_encode(p.key) || '=' || net.url_encode(v.value #>> '{}'), '&' order by p.position, v.position)
  into query
  from jsonb_each(params) with ordinality p (key, value, position),
    jsonb_array_elements(case jsonb_typeof(p.value) when 'array' then p.value else jsonb_build_array(p.value) end)
      with ordinality v (value, position)
  where v.value <> 'null';
  if query is null then
    return url;
  end if;
  return net.with_query(url, query);
end
$$;
