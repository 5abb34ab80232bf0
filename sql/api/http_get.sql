-- API: public
create or replace function net.http_get(
  url text,
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  headers jsonb default '{}',
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
  -- Short, as they are in the CONTEXT of each error.
  if params = '{}' then
    insert into net.new_request (method, url, headers, timeout_milliseconds)
    values ('GET', url, coalesce(headers, '{}'), timeout_milliseconds) returning id into request_id;
  else
    insert into net.new_request (method, url, headers, timeout_milliseconds)
    values ('GET', net.with_params(url, params), coalesce(headers, '{}'), timeout_milliseconds) returning id into request_id;
  end if;
  return request_id;
end
$$;
