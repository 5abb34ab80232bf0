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
  insert into net.new_request (method, url, headers, body, timeout_milliseconds)
  values (
    'PUT',
    case when params = '{}' then url else net.with_params(url, params) end,
    case
      when headers = '{"Content-Type": "application/json"}' then headers
      else net.json_headers(headers, true)
    end,
    case when getdatabaseencoding() = 'UTF8' then convert_to(body::text, 'UTF8') else net.json_body(body) end,
    timeout_milliseconds
  )
  returning id into request_id;
  return request_id;
end
$$;
