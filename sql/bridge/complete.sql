-- Writes responses back: each request that this attempt still owns leaves the queue in the statement that enters its
-- response. Returns the ids written; one that is missing had lost its lease, and its response is dropped.
-- Arrays, one element a request: ids $1, attempts $2, status codes $3, content types $4, headers $5, contents $6,
-- contents that are no text, in base64, $7, timed out $8, errors $9.
-- Index: http_request_queue_pkey. Locks: the rows, in id order.
with done as materialized (
  select *
  from unnest(
    $1::bigint[], $2::integer[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::text[]
  ) as d (id, attempt, status_code, content_type, headers, content, content_base64, timed_out, error_msg)
),
owned as materialized (
  select q.id
  from net.http_request_queue q
  join done d on d.id = q.id and d.attempt = q.attempt
  order by q.id
  for update of q
),
left_queue as (
  delete from net.http_request_queue q
  using owned o
  where q.id = o.id
  returning q.id, q.queued_by
)
insert into net._http_response (
  id, status_code, content_type, headers, content, content_bytes, timed_out, error_msg, queued_by
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
  l.queued_by
from done d
join left_queue l on l.id = d.id
returning id
