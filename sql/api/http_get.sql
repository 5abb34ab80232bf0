-- API: public
create or replace function net.http_get(
  url text,
  -- Appended to the URL's query, form-encoded.
  params jsonb default '{}',
  headers jsonb default '{}',
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
  -- Short, as they are in the CONTEXT of each error.
  if params = '{}'
    and num_nonnulls(
      max_attempts, not_before, priority, idempotency_key, sign_with, fire_and_forget, keep_failed, ordering_key, on_dead,
      on_response, notify_channel, keep_sent, keep_request
    ) = 0
  then
    insert into net.new_request (method, url, headers, timeout_milliseconds)
    values ('GET', url, coalesce(headers, '{}'), timeout_milliseconds) returning id into request_id;
  elsif num_nonnulls(
      max_attempts, not_before, priority, idempotency_key, sign_with, fire_and_forget, keep_failed, ordering_key, on_dead,
      on_response, notify_channel, keep_sent, keep_request
    ) > 0
  then
    return net.http_request('GET', url, null, params, headers, timeout_milliseconds, null, null,
      max_attempts, not_before, priority, idempotency_key, sign_with, fire_and_forget, keep_failed, ordering_key, on_dead, on_response,
      notify_channel, keep_sent, keep_request);
  else
    insert into net.new_request (method, url, headers, timeout_milliseconds)
    values ('GET', net.with_params(url, params), coalesce(headers, '{}'), timeout_milliseconds) returning id into request_id;
  end if;
  return request_id;
end
$$;
