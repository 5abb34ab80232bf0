-- API: public
create or replace function net.http_put(
  url text,
  -- Null sends no body.
  body jsonb default '{}',
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  -- A content type must be JSON; it is added where there is none.
  headers jsonb default '{"Content-Type": "application/json"}',
  -- One deadline over name resolution, connection, TLS, redirects and reading the body.
  timeout_milliseconds integer default 5000
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
begin
  -- Most calls are as the first says, which costs them less. Both short, as they are in the CONTEXT of each error.
  if params = '{}' and headers = '{"Content-Type": "application/json"}' and getdatabaseencoding() = 'UTF8' then
    insert into net.new_request (method, url, headers, body, timeout_milliseconds)
    values ('PUT', url, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds) returning id into request_id;
  else
    insert into net.new_request (method, url, headers, body, timeout_milliseconds)
    values ('PUT', net.with_params(url, params), net.json_headers(headers, true), net.json_body(body), timeout_milliseconds)
    returning id into request_id;
  end if;
  return request_id;
end
$$;
