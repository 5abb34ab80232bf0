-- Deletes up to $1 requests older than $2 (interval) whose answer could not be stored: they go when their response would.
-- Index: http_request_queue_leased_idx. Locks: the rows; locked ones are skipped.
with expired as materialized (
  select q.id
  from net.http_request_queue q
  where q.lease_until = 'infinity'
    and q.created < now() - $2::interval
  limit $1
  for update skip locked
)
delete from net.http_request_queue q
using expired
where q.id = expired.id
returning q.id
