-- API: public
-- What most calls look like is checked and stamped here, in few steps, since each costs every sender. The trigger
-- accept_request does the same for whatever comes, and sees only what has no host yet.
create or replace function net.http_post(
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
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  host constant text := net.plain_host(url);
  caller constant regrole := net.caller();
  now constant timestamptz := clock_timestamp();
  request_id bigint;
begin
  if params = '{}'
    and headers = '{"Content-Type": "application/json"}'
    and getdatabaseencoding() = 'UTF8'
    and host is not null
    and caller is not null
    and length(url) <= 65536
    and timeout_milliseconds between 1 and 3600000
  then
    insert into net.http_request_queue (
      method, url, headers, body, timeout_milliseconds, host, queued_by, created, rank, idempotency_key, attempt
    )
    values (
      'POST', url, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds, host, caller, now, now, gen_random_uuid(), 0
    )
    returning id into request_id;
    if request_id > pg_sequence_last_value('net.limit_id') then
      perform net.check_room(0);
    end if;
    return request_id;
  end if;

  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values ('POST', net.with_params(url, params), net.json_headers(headers, true), net.json_body(body), timeout_milliseconds)
  returning id into request_id;
  return request_id;
end
$$;
