-- API: private
-- Makes a dead letter of a request that leaves the queue, in the same transaction: with what redelivery needs, credentials apart.
create or replace function net.bury(request net.http_request_queue, status_code integer, error_msg text, failures integer)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into net.dead_letter (
    id, method, url, headers, body, timeout_milliseconds, host, queued_by, created, status_code, error_msg, failures, max_attempts,
    priority, idempotency_key, dedupe_key, fingerprint, fire_and_forget, keep_failed, sign_with, ordering_key, ordering_id, on_dead,
    on_response, notify_channel, keep_sent, webhook, webhook_table, keep_request
  )
  values (
    request.id, request.method, request.url, net.mask_headers(request.headers), request.body, request.timeout_milliseconds, request.host,
    request.queued_by, request.created, bury.status_code, bury.error_msg, bury.failures, request.max_attempts, request.priority,
    coalesce(request.idempotency_key, net.request_key((select s.secret from net.key_secret s), request.id, request.created)),
    request.dedupe_key, request.fingerprint, request.fire_and_forget, request.keep_failed, request.sign_with,
    request.ordering_key, request.ordering_id, request.on_dead, request.on_response, request.notify_channel,
    request.keep_sent, request.webhook, request.webhook_table, request.keep_request
  );
  insert into net.dead_letter_secret (id, headers)
  select request.id, request.headers
  where request.headers <> net.mask_headers(request.headers);
end
$$;
