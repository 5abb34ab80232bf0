-- Gives back up to $1 requests whose lease is over: their bridge died, or was cut off for longer than the lease.
-- Index: http_request_queue_leased_idx, as large as what is in flight; it serves now() and would not serve
-- clock_timestamp(). Locks: the rows; locked ones are skipped.
with expired as materialized (
  select q.id
  from net.http_request_queue q
  where q.lease_until < now()
  order by q.lease_until
  limit $1
  for no key update skip locked
)
update net.http_request_queue q
set lease_until = null,
  replica = null
from expired
where q.id = expired.id
returning q.id
