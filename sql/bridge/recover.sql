-- Gives back what replica $1 has claimed and does not hold (ids $2): claims whose answer was lost with a connection.
-- Index: http_request_queue_leased_idx, as large as what is in flight. Locks: the rows; locked ones are skipped.
with orphaned as materialized (
  select q.id
  from net.http_request_queue q
  where q.lease_until is not null
    and q.lease_until <> 'infinity'
    and q.replica = $1
    and q.id <> all ($2::bigint[])
  order by q.id
  for no key update skip locked
)
update net.http_request_queue q
set lease_until = null,
  replica = null
from orphaned
where q.id = orphaned.id
returning q.id
