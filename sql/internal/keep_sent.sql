-- API: private
-- Keeps a request that leaves the queue after success, in the same transaction, for as long as it asked for: with what sending it again needs,
-- credentials apart. One whose body is too large for that is not kept.
create or replace function net.keep_sent(request net.http_request_queue, status_code integer)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if octet_length(request.body) > 1048576 then
    return;
  end if;
  insert into net.sent_request (
    id, method, url, headers, body, timeout_milliseconds, host, queued_by, created, until, status_code, bytes, max_attempts,
    priority, idempotency_key, fire_and_forget, keep_failed, sign_with, ordering_key, ordering_id, on_dead, on_response, notify_channel, keep_sent,
    webhook, webhook_table
  )
  values (
    request.id, request.method, request.url, net.mask_headers(request.headers), request.body, request.timeout_milliseconds, request.host,
    request.queued_by, request.created, clock_timestamp() + request.keep_sent, keep_sent.status_code,
    300 + octet_length(request.url) + pg_column_size(request.headers) + coalesce(octet_length(request.body), 0), request.max_attempts,
    request.priority,
    coalesce(request.idempotency_key, net.request_key((select s.secret from net.key_secret s), request.id, request.created)),
    request.fire_and_forget, request.keep_failed, request.sign_with, request.ordering_key, request.ordering_id, request.on_dead, request.on_response,
    request.notify_channel, request.keep_sent, request.webhook, request.webhook_table
  )
  on conflict do nothing;
  insert into net.sent_request_secret (id, queued_by, headers)
  select request.id, request.queued_by, request.headers
  where request.headers <> net.mask_headers(request.headers)
  on conflict do nothing;
end
$$;
