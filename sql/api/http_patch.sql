-- API: public
create or replace function net.http_patch(
  url text,
  -- Null sends no body.
  body jsonb default '{}',
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  -- A content type must be JSON; it is added where there is none.
  headers jsonb default '{"Content-Type": "application/json"}',
  -- One deadline over name resolution, connection, TLS, redirects and reading the body.
  timeout_milliseconds integer default 5000,
  -- As of net.http_request; null is its default.
  max_attempts integer default null,
  not_before timestamptz default null,
  priority integer default null,
  idempotency_key text default null,
  sign_with text default null,
  fire_and_forget boolean default null,
  keep_failed boolean default null,
  ordering_key text default null,
  on_dead text default null,
  on_response regprocedure default null,
  notify_channel text default null,
  keep_sent interval default null,
  keep_request boolean default null
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
begin
  -- Most calls are as the first says, which costs them less. All short, as they are in the CONTEXT of each error.
  if params = '{}' and headers = '{"Content-Type": "application/json"}' and getdatabaseencoding() = 'UTF8'
    and num_nonnulls(
      max_attempts, not_before, priority, idempotency_key, sign_with, fire_and_forget, keep_failed, ordering_key, on_dead,
      on_response, notify_channel, keep_sent, keep_request
    ) = 0
  then
    insert into net.new_request (method, url, headers, body, timeout_milliseconds)
    values ('PATCH', url, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds) returning id into request_id;
  elsif num_nonnulls(
      max_attempts, not_before, priority, idempotency_key, sign_with, fire_and_forget, keep_failed, ordering_key, on_dead,
      on_response, notify_channel, keep_sent, keep_request
    ) > 0
  then
    return net.http_request('PATCH', url, body, params, net.json_headers(headers, true), timeout_milliseconds, null, null,
      max_attempts, not_before, priority, idempotency_key, sign_with, fire_and_forget, keep_failed, ordering_key, on_dead, on_response,
      notify_channel, keep_sent, keep_request);
  else
    insert into net.new_request (method, url, headers, body, timeout_milliseconds)
    values ('PATCH', net.with_params(url, params), net.json_headers(headers, true), net.json_body(body), timeout_milliseconds)
    returning id into request_id;
  end if;
  return request_id;
end
$$;
