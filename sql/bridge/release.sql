-- Gives back the leases of the attempts (ids $1, attempts $2) that replica $3 still holds, and rings, so that another bridge
-- claims the requests at once.
-- Index: http_request_queue_pkey. Locks: the rows in id order.
with held as materialized (
  select q.id
  from net.http_request_queue q
  join unnest($1::bigint[], $2::integer[]) as h (id, attempt) on h.id = q.id and h.attempt = q.attempt
  where q.lease_until <> 'infinity'
    and q.replica = $3
  order by q.id
  for no key update of q
),
released as (
  update net.http_request_queue q
  set lease_until = null,
    replica = null
  from held
  where q.id = held.id
  returning q.id, q.attempt
)
select r.id, r.attempt
from released r,
  (select pg_notify('pgnetty', '')) bell
