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
  insert into net.new_request (method, url, headers, body, timeout_milliseconds)
  values (
    'GET',
    case when params = '{}' then url else net.with_params(url, params) end,
    coalesce(headers, '{}'),
    null,
    timeout_milliseconds
  )
  returning id into request_id;
  return request_id;
end
$$;
