-- API: helper
-- Headers for a JSON body: a content type is added where there is none. One that is not JSON is refused by the
-- functions that send nothing else (`only_json`). Headers that are no object are left for accept_request to refuse.
create or replace function net.json_headers(headers jsonb, only_json boolean)
returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  content_type text;
begin
  if headers is null or headers = '{}' or headers = '{"Content-Type": "application/json"}' then
    return '{"Content-Type": "application/json"}';
  end if;
  if jsonb_typeof(headers) <> 'object' then
    return headers;
  end if;
  content_type := net.content_type(headers);
  if content_type is null then
    return net.with_content_type(headers, 'application/json');
  end if;
  if only_json and content_type !~* '^[[:space:]]*(application/([a-z0-9!#$&^_.+-]+[+])?json|text/json)[[:space:]]*(;.*)?$' then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('headers: Content-Type must be JSON here, not %s', to_json(content_type)),
      hint = 'For another body use net.http_request with body_text or body_bytes.';
  end if;
  return headers;
end
$$;
