-- API: public
create or replace function net.http_delete(
  url text,
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  headers jsonb default '{}',
  -- One deadline over name resolution, connection, TLS, redirects and reading the body.
  timeout_milliseconds integer default 5000,
  -- Null sends no body; another one is sent as JSON.
  body jsonb default null
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  full_url constant text := net.with_params(url, params);
  request_id bigint;
begin
  -- Short, as they are in the CONTEXT of each error.
  if body is null then
    insert into net.new_request (method, url, headers, timeout_milliseconds)
    values ('DELETE', full_url, coalesce(headers, '{}'), timeout_milliseconds) returning id into request_id;
  else
    insert into net.new_request (method, url, headers, body, timeout_milliseconds)
    values ('DELETE', full_url, net.json_headers(headers, true), net.json_body(body), timeout_milliseconds)
    returning id into request_id;
  end if;
  return request_id;
end
$$;
