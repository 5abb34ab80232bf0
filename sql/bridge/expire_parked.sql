-- Deletes up to $1 requests older than $2 (interval) whose answer could not be stored, and the history of their attempts:
-- they go when their response would.
-- Indexes: http_request_queue_leased_idx, attempts_pkey. Locks: the rows; locked ones are skipped.
with expired as materialized (
  select q.id
  from net.http_request_queue q
  where q.lease_until = 'infinity'
    and q.created < now() - $2::interval
  limit $1
  for update skip locked
),
forgotten as (
  delete from net.attempts a
  using expired e
  where a.id = e.id
)
delete from net.http_request_queue q
using expired e
where q.id = e.id
returning q.id
