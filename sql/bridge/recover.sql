-- Gives back what replica $1 has claimed and does not hold (ids $2): claims whose answer was lost with a connection, and
-- sends that were given up. No lease of ours ends later than $3 (interval) from now.
-- Index: http_request_queue_leased_idx, of which it reads what is held and what becomes due meanwhile. Locks: the rows;
-- locked ones are skipped.
with stray as materialized (
  select q.id
  from net.http_request_queue q
  where q.lease_until > '-infinity'
    and q.lease_until <= now() + $3::interval
    and q.replica = $1
    and q.id <> all ($2::bigint[])
  order by q.id
  for no key update skip locked
)
update net.http_request_queue q
set lease_until = null,
  replica = null,
  host = coalesce(q.home_host, q.host),
  home_host = null
from stray
where q.id = stray.id
returning q.id
