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
  request_id bigint;
begin
  insert into net.new_request (method, url, headers, body, timeout_milliseconds)
  values (
    'DELETE',
    case when params = '{}' then url else net.with_params(url, params) end,
    case when body is null then coalesce(headers, '{}') else net.json_headers(headers, true) end,
    case when getdatabaseencoding() = 'UTF8' then convert_to(body::text, 'UTF8') else net.json_body(body) end,
    timeout_milliseconds
  )
  returning id into request_id;
  return request_id;
end
$$;
