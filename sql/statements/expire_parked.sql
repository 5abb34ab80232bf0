-- Deletes up to $1 requests that were parked (as their answer could not be stored, say) more than $2 (interval) ago, and the history of their attempts:
-- they go when their response would.
-- Indexes: http_request_queue_later_idx, attempts_pkey. Locks: the rows; locked ones are skipped.
with expired as materialized (
  select q.id
  from net.http_request_queue q
  where q.state = 'parked'
    and q.due_at < now() - $2::interval
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
