-- Writes outcomes back. Each request that its lease still holds either waits for its retry, or leaves the queue in the
-- statement that enters its response, and its dead letter if it failed for good and is to be kept; and it leaves its lease. Returns the
-- requests written, and whether one ended that others may wait for (in_order), and those to be written later, as another transaction has locked their row or their lease just now; one
-- that is missing had lost its lease, and its outcome is dropped.
-- Arrays, one element for each request: ids $1, leases $2, status codes $3, content types $4, headers $5, contents $6,
-- contents that are not text, in base64, $7, timed out $8, errors $9; how many milliseconds until the retry, or null when
-- it is done with, $10; attempts $11; spent, on an outcome that is not a success, $12; why there was no
-- answer $13; how long the attempt took $14 and how long ago it began $15, in milliseconds. The bridge's name $16, and the bridge $17.
-- Indexes: lease_pkey, http_request_queue_pkey, hop_slot_id_idx. Locks: the leases by number, then the rows in id order; locked
-- ones are skipped, as nobody may hold up a batch.
with done as materialized (
  select *
  from unnest(
    $1::bigint[], $2::bigint[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::text[],
    $10::bigint[], $11::integer[], $12::boolean[], $13::text[], $14::double precision[], $15::double precision[]
  ) as d (
    id, lease, status_code, content_type, headers, content, content_base64, timed_out, error_msg,
    retry_ms, attempt, spent, failure, took_ms, age_ms
  )
),
-- As they are now, whoever has written them since this statement began.
fences as materialized (
  select l.number, l.role, l.ids
  from net.lease l
  where l.number = any ($2::bigint[])
    and l.bridge = $17::uuid
  order by l.number
  for update of l skip locked
),
-- Carries all that follows, so that nothing is joined but the queue's own rows: the planner takes these lists for short.
-- As pg_net has it, one attempt that was answered succeeded, whatever the answer, unless failures are to be kept.
owned as materialized (
  select
    d.*,
    q.failures,
    q.max_attempts,
    q.queued_by,
    q.ordering_key,
    q.fire_and_forget,
    q.keep_failed,
    d.spent and (d.status_code is null or q.max_attempts > 1 or q.keep_failed) as failed
  from net.http_request_queue q
  join done d on d.id = q.id
  -- Who queued it, as well: the ids of another role's may be the same where they were set back.
  join fences f on f.number = d.lease and d.id = any (f.ids) and f.role = q.queued_by
  order by q.id
  for update of q skip locked
),
-- What is left of each lease: decided by what was locked, as the statement's own snapshot may be older.
left_over as materialized (
  select
    f.number,
    array(
      select i.id
      from unnest(f.ids) i (id)
      where i.id <> all (o.ids)
    ) as ids
  from fences f
  join (
    select o.lease, array_agg(o.id) as ids
    from owned o
    group by o.lease
  ) o on o.lease = f.number
),
shortened as (
  update net.lease l
  set ids = r.ids
  from left_over r
  where l.number = r.number
    and r.ids <> '{}'
),
over as (
  delete from net.lease l
  using left_over r
  where l.number = r.number
    and r.ids = '{}'
),
left_hosts as (
  delete from net.hop_slot s
  using owned o
  where s.id = o.id
    -- Mostly there is none: that is asked once.
    and (
      select exists (
        select
        from net.hop_slot
      )
    )
),
retried as (
  update net.http_request_queue q
  set state = 'waiting',
    due_at = clock_timestamp() + o.retry_ms::double precision * interval '1 millisecond',
    attempt = o.attempt,
    failures = q.failures + 1,
    error_msg = coalesce(o.error_msg, 'HTTP ' || o.status_code::text)
  from owned o
  where q.id = o.id
    and q.queued_by = o.queued_by
    and o.retry_ms is not null
),
-- The request itself, with a body that may be large, is read only where it is kept.
ended as (
  delete from net.http_request_queue q
  using owned o
  where q.id = o.id
    and q.queued_by = o.queued_by
    and o.retry_ms is null
  returning
    o.*,
    q.dedupe_key,
    q.fingerprint,
    q.webhook,
    q.webhook_table,
    q.method,
    q.url,
    q.host,
    q.created,
    case when coalesce(q.keep_request, (select c.keep_request from net.bridge_control c)) then q.headers end as kept_headers,
    case when coalesce(q.keep_request, (select c.keep_request from net.bridge_control c)) and octet_length(q.body) <= 1048576 then q.body end as kept_body,
    case when o.failed and o.keep_failed or not o.failed and q.keep_sent is not null then q end as request
),
answered as (
  insert into net._http_response (
    id, status_code, content_type, headers, content, content_bytes, timed_out, error_msg, queued_by,
    failed, dedupe_key, fingerprint, webhook, webhook_table, method, url, host, queued, attempt, max_attempts, sent, duration_ms, bridge,
    request_headers, request_body
  )
  select
    e.id,
    e.status_code,
    e.content_type,
    e.headers::jsonb,
    e.content,
    decode(e.content_base64, 'base64'),
    e.timed_out,
    e.error_msg,
    e.queued_by,
    e.failed,
    e.dedupe_key,
    e.fingerprint,
    e.webhook,
    e.webhook_table,
    e.method,
    net.mask_url(e.url),
    e.host,
    e.created,
    e.attempt,
    e.max_attempts,
    clock_timestamp() - e.age_ms * interval '1 millisecond',
    e.took_ms,
    $16,
    case when e.kept_headers is not null then net.mask_headers(e.kept_headers) end,
    e.kept_body
  from ended e
  where e.failed
    or not e.fire_and_forget
),
attempted as (
  insert into net.attempts as a (id, attempt, started, duration_ms, status_code, failure, error_msg, bridge, queued_by)
  select
    o.id,
    o.attempt,
    clock_timestamp() - o.age_ms * interval '1 millisecond',
    o.took_ms,
    o.status_code,
    o.failure,
    o.error_msg,
    $16,
    o.queued_by
  from owned o
  where o.max_attempts > 1
    and (o.retry_ms is not null or o.failed or not o.fire_and_forget)
  on conflict do nothing
),
-- The newest 100 stay, and none of a request that leaves nothing behind.
forgotten as (
  delete from net.attempts a
  using owned o
  where (
      o.max_attempts > 1 and o.attempt > 100
      or o.fire_and_forget and not o.failed and o.retry_ms is null
    )
    and a.id = o.id
    and a.queued_by = o.queued_by
    and (a.attempt <= o.attempt - 100 or o.fire_and_forget and not o.failed and o.retry_ms is null)
),
kept as materialized (
  select case
    when e.failed then net.bury(e.request, e.status_code, coalesce(e.error_msg, 'HTTP ' || e.status_code::text), e.failures + 1)
    else net.keep_sent(e.request, e.status_code)
  end
  from ended e
  where (e.request).id is not null
)
select o.id, o.lease, false as locked, o.retry_ms is null and o.ordering_key is not null as in_order
from owned o
-- A CTE that changes nothing itself is done only where it is read.
where (select count(*) from kept) >= 0
union all
-- The first line spares the look where all are written.
select d.id, d.lease, true, false
from done d
where (select count(*) from owned) < (select count(*) from done)
  and not exists (
    select
    from owned o
    where o.id = d.id
  )
  and exists (
    select
    from net.lease l
    where l.number = d.lease
      and d.id = any (l.ids)
  )
  -- A cancel takes what a lease holds that is over.
  and exists (
    select
    from net.http_request_queue q
    where q.id = d.id
  )
