-- Writes outcomes back. Each request that this attempt still owns either waits for its retry, or leaves the queue in the
-- statement that enters its response, and its dead letter where it is spent and to be kept. Returns the ids written; one
-- that is missing had lost its lease, and its outcome is dropped.
-- Arrays, one element a request: ids $1, attempts $2, status codes $3, content types $4, headers $5, contents $6,
-- contents that are no text, in base64, $7, timed out $8, errors $9; how many milliseconds until the retry, or null when
-- it is done with, $10; failures before this attempt $11; spent, on an outcome that is no success, $12; why there was no
-- answer $13; how long the attempt took $14 and how long ago it began $15, in milliseconds. The replica's name $16.
-- Index: http_request_queue_pkey. Locks: the rows, in id order.
with done as materialized (
  select *
  from unnest(
    $1::bigint[], $2::integer[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::text[],
    $10::bigint[], $11::integer[], $12::boolean[], $13::text[], $14::double precision[], $15::double precision[]
  ) as d (
    id, attempt, status_code, content_type, headers, content, content_base64, timed_out, error_msg,
    retry_ms, failures, spent, failure, took_ms, age_ms
  )
),
owned as materialized (
  select q.id, q.max_attempts, q.queued_by
  from net.http_request_queue q
  -- A retry that was written already, by a statement whose answer was lost, is not written again.
  join done d on d.id = q.id and d.attempt = q.attempt and (d.retry_ms is null or d.failures = q.failures)
  order by q.id
  for update of q
),
retried as (
  update net.http_request_queue q
  set lease_until = clock_timestamp() + d.retry_ms * interval '1 millisecond',
    replica = null,
    failures = q.failures + 1,
    error_msg = coalesce(d.error_msg, 'HTTP ' || d.status_code)
  from done d
  join owned o on o.id = d.id
  where q.id = d.id
    and d.retry_ms is not null
),
left_queue as (
  delete from net.http_request_queue q
  using done d
  join owned o on o.id = d.id
  where q.id = d.id
    and d.retry_ms is null
  -- As pg_net has it, one attempt that was answered succeeded, whatever the answer, unless failures are to be kept.
  returning q.*, d.spent and (d.status_code is null or q.max_attempts > 1 or q.keep_failed) as failed
),
attempted as (
  insert into net.attempts as a (id, attempt, started, duration_ms, status_code, failure, error_msg, replica, queued_by)
  select
    d.id,
    d.attempt,
    clock_timestamp() - d.age_ms * interval '1 millisecond',
    d.took_ms,
    d.status_code,
    d.failure,
    d.error_msg,
    $16,
    o.queued_by
  from done d
  join owned o on o.id = d.id
  left join left_queue l on l.id = d.id
  where o.max_attempts > 1
    and (l.id is null or l.failed or not l.fire_and_forget)
  on conflict do nothing
),
-- The newest 100 stay, and none of a request that leaves nothing behind.
forgotten as (
  delete from net.attempts a
  using done d
  join owned o on o.id = d.id
  left join left_queue l on l.id = d.id
  where a.id = d.id
    and o.max_attempts > 1
    and (a.attempt <= d.attempt - 100 or l.fire_and_forget and not l.failed)
),
dead as (
  insert into net.dead_letter (
    id, method, url, headers, body, timeout_milliseconds, host, queued_by, created, status_code, error_msg,
    failures, max_attempts, priority, idempotency_key, dedupe_key, fingerprint, fire_and_forget, keep_failed
  )
  select
    l.id, l.method, l.url, net.mask_headers(l.headers), l.body, l.timeout_milliseconds, l.host, l.queued_by, l.created,
    d.status_code, coalesce(d.error_msg, 'HTTP ' || d.status_code),
    l.failures + 1, l.max_attempts, l.priority, l.idempotency_key, l.dedupe_key, l.fingerprint, l.fire_and_forget,
    l.keep_failed
  from left_queue l
  join done d on d.id = l.id
  where l.failed
    and l.keep_failed
  returning id
),
secret as (
  insert into net.dead_letter_secret (id, headers)
  select l.id, l.headers
  from left_queue l
  join dead on dead.id = l.id
  where l.headers <> net.mask_headers(l.headers)
),
answered as (
  insert into net._http_response (
    id, status_code, content_type, headers, content, content_bytes, timed_out, error_msg, queued_by,
    failed, dedupe_key, fingerprint
  )
  select
    d.id,
    d.status_code,
    d.content_type,
    d.headers::jsonb,
    d.content,
    decode(d.content_base64, 'base64'),
    d.timed_out,
    d.error_msg,
    l.queued_by,
    l.failed,
    l.dedupe_key,
    l.fingerprint
  from done d
  join left_queue l on l.id = d.id
  where l.failed
    or not l.fire_and_forget
)
select id
from owned
