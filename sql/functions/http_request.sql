-- API: public
create or replace function net.http_request(
  -- Any HTTP method token: GET, PUT, PROPFIND, QUERY ...
  method text,
  url text,
  -- At most one of the three bodies, on any method. This one sets a JSON content type where headers have none.
  body jsonb default null,
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  headers jsonb default '{}',
  -- One deadline over name resolution, connection, TLS, redirects and reading the body.
  timeout_milliseconds integer default 5000,
  -- Sent in the database's encoding, which is named in the content type where it is not UTF-8.
  body_text text default null,
  -- Sent as it is.
  body_bytes bytea default null
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
begin
  if num_nonnulls(body, body_text, body_bytes) > 1 then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = 'body, body_text and body_bytes exclude each other: give one of them';
  end if;

  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values (
    method,
    net.with_params(url, params),
    case
      when body is not null then net.json_headers(headers, false)
      when body_text is not null then net.text_headers(coalesce(headers, '{}'))
      else coalesce(headers, '{}')
    end,
    case
      when body is not null then net.json_body(body)
      when body_text is not null then convert_to(body_text, getdatabaseencoding())
      else body_bytes
    end,
    timeout_milliseconds
  )
  returning id into request_id;
  return request_id;
end
$$;
