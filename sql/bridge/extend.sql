-- Extends by $3 (interval) from now the leases of the attempts (ids $1, attempts $2) that replica $4 still holds. Returns
-- those extended; of the others the lease is lost.
-- Index: http_request_queue_pkey or http_request_queue_leased_idx, whichever is shorter to walk. Locks: the rows in id
-- order; one that is being completed is skipped, and is done.
with held as materialized (
  select q.id
  from net.http_request_queue q
  join unnest($1::bigint[], $2::integer[]) as h (id, attempt) on h.id = q.id and h.attempt = q.attempt
  where q.lease_until <> 'infinity'
    and q.replica = $4
  order by q.id
  for no key update of q skip locked
)
update net.http_request_queue q
set lease_until = clock_timestamp() + $3::interval
from held
where q.id = held.id
returning q.id, q.attempt
