-- API: helper
-- What is wrong with the headers of a request, or null. Names are tokens (RFC 9110, section 5.6.2), values hold no
-- control character but tab.
-- Functions of webhooks call it, also those that an earlier version made: its name and arguments stay.
create or replace function net.headers_problem(headers jsonb)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  name text;
  value jsonb;
  text_value text;
  names text[] := '{}';
begin
  if jsonb_typeof(headers) <> 'object' then
    return format('headers must be a JSON object of names and values, not %s', jsonb_typeof(headers));
  end if;

  if length(headers::text) > 65536 then
    return 'headers are longer than 65536 characters';
  end if;

  for name, value in select * from jsonb_each(headers) loop
    if name !~ '^[A-Za-z0-9!#$%&''*+.^_`|~-]+$' then
      return format('headers: %s is not a valid header name', to_json(name));
    end if;
    if lower(name collate "C") = any (names) then
      return format('headers: "%s" is given twice, in different case: give the values as an array', lower(name collate "C"));
    end if;
    names := names || lower(name collate "C");
    if jsonb_typeof(value) = 'object'
      or value @? 'strict $[*] ? (@.type() == "object" || @.type() == "array")' and jsonb_typeof(value) = 'array'
    then
      return format(
        'headers: the value of "%s" must be a string, number or boolean, null, or an array of these', name);
    end if;
    if lower(name collate "C") = 'host'
      and value <> 'null'
      and (jsonb_typeof(value) <> 'string' or net.host_of('http://' || (value #>> '{}')) is null
        or value #>> '{}' !~ '^[^/?#@]+$')
    then
      return 'headers: the value of "host" must be one host, with :port if wanted';
    end if;
    for text_value in
      select v #>> '{}'
      from jsonb_array_elements(case jsonb_typeof(value) when 'array' then value else jsonb_build_array(value) end) v
    loop
      -- Not [[:cntrl:]]: in some encodings PostgreSQL counts letters among them.
      if translate(text_value, chr(9), '') ~ ('[' || chr(1) || '-' || chr(31) || chr(127) || ']') then
        return format('headers: the value of "%s" has a control character (a line break, say)', name);
      end if;
      if net.secret_problem(text_value) is not null then
        return format('headers: the value of "%s": %s', name, net.secret_problem(text_value));
      end if;
    end loop;
  end loop;
  return null;
end
$$;
